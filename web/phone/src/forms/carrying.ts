/** Taking a draft over to a newer version of its form, and saying what found no place there. */
import type { RootNode } from '@getodk/xforms-engine';
import type { OpenDraft } from '../work/drafts';
import { chooseTask, instanceXml, openForm, speak } from './engine';
import { answersOf, forVersion, plainPath } from './instance';
import { isAnswered, isAsked, leaves, told } from './nodes';

export interface Carried {
	readonly version: string;
	readonly definition: string;
	readonly xml: string;
	/** Answers that the newer version has no place for, in words. */
	readonly unfit: { label: string; value: string }[];
}

/** Lays a draft onto the newer version of its form. Changes nothing; raises FormBroken when it can't be opened there. */
export async function carriedOver(draft: OpenDraft, root: RootNode, language: string): Promise<Carried> {
	const { version, sha256, definition } = draft.newer!;
	const next = await openForm(definition, draft.lists, draft.identity, forVersion(instanceXml(root), version, definition));
	chooseTask(next, draft.row.task);
	speak(next, language);
	const xml = instanceXml(next);
	const there = [...answersOf(xml)];
	const unfit = leaves(root)
		.filter((leaf) => isAsked(leaf) && isAnswered(leaf))
		.filter((leaf) => !hasPlace(there, plainPath(leaf.currentState.reference), String(leaf.currentState.instanceValue)))
		.map((leaf) => ({ label: String(leaf.currentState.label?.asString ?? leaf.currentState.reference), value: told(leaf) }));
	return { version, definition: sha256, xml, unfit };
}

/** Whether an answer stands where it stood, or under another name in the same row. */
function hasPlace(there: readonly [string, string][], path: string, value: string): boolean {
	const row = path.replace(/\/[^/]*$/, '');
	return there.some(([at, text]) => text === value && (at === path || at.replace(/\/[^/]*$/, '') === row));
}
