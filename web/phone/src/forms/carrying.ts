/** Taking a draft over to a newer version of its form, and saying what found no place there. */
import type { RootNode } from '@getodk/xforms-engine';
import type { NewerForm, OpenDraft } from '../work/drafts';
import { chooseTask, draftXml, instanceXml, openForm, speak } from './engine';
import { aliasesOf, answersOf, forVersion, movedPath, plainPath } from './instance';
import { isAnswered, isAsked, leaves, nodeAt, told, worded, type Node } from './nodes';

/** An answer that a version has no place for, in words. */
interface Unfit {
	readonly label: string;
	readonly value: string;
}

export interface Carried {
	readonly version: string;
	readonly definition: string;
	readonly xml: string;
	/** What was being typed and is no answer yet, by the references of the newer version. */
	readonly typed: Readonly<Record<string, string>>;
	/** What the newer version has no place for, and what earlier ones had none for. */
	readonly unfit: Unfit[];
}

/** Lays a draft onto the newer version of its form. Changes nothing; raises FormBroken when it can't be opened there. */
export async function carriedOver(
	{ lists, identity, row }: OpenDraft,
	{ version, sha256, definition }: NewerForm,
	root: RootNode,
	typed: ReadonlyMap<string, string>,
	language: string,
): Promise<Carried> {
	const aliases = aliasesOf(definition);
	const next = await openForm({ definition, lists, identity, xml: forVersion(draftXml(root), version, definition), task: row.task });
	chooseTask(next, row.task);
	speak(next, language);
	const there = answersOf(instanceXml(next));
	const isThere = (path: string, value: string) => [path, movedPath(path, aliases)].some((each) => there.get(each) === value);
	const unfit = leaves(root)
		.filter((leaf) => isAsked(leaf) && isAnswered(leaf))
		.filter((leaf) => !isThere(plainPath(leaf.currentState.reference), String(leaf.currentState.instanceValue)))
		.map((leaf) => ({ label: labelOf(leaf), value: told(leaf) }));
	const moved: Record<string, string> = {};
	for (const [reference, text] of typed) {
		const place = [reference, movedPath(reference, aliases)].find((each) => nodeAt(next, each));
		if (place !== undefined) moved[place] = text;
		else unfit.push({ label: labelOf(nodeAt(root, reference)), value: text });
	}
	return { version, definition: sha256, xml: draftXml(next), typed: moved, unfit: [...(row.unfit ?? []), ...unfit] };
}

function labelOf(leaf: Node | undefined): string {
	return worded(leaf?.currentState.label) || String(leaf?.currentState.reference ?? '');
}
