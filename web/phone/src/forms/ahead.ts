/**
 * Forms opened ahead: while somebody reads the page of a visit, what its button would open is opened already.
 *
 * On a slow phone the first form costs seconds that nobody has then: the engine is read, the definition is parsed, all of
 * its rules run for the first time. What was opened ahead is used once and only for the very draft that it was opened
 * for; whatever changed since is opened anew.
 */
import type { RootNode } from '@getodk/xforms-engine';
import { watch } from 'vue';
import { vault } from '../keeping/vault';
import { phone, type TaskCard } from '../phone';
import { openForm, startNow, type Opening } from './engine';

const MOST = 2; // an open form is large

const ahead = new Map<string, Promise<RootNode>>();

// A draft lies here in clear: not behind a PIN, and not for whoever signs in next.
watch(
	() => vault.stands,
	(stands) => stands !== 'open' && ahead.clear(),
	{ flush: 'sync' },
);

function nameOf({ definition, lists, identity, xml, task }: Opening): string {
	return JSON.stringify([definition, lists, identity, xml, task]);
}

/** Opens what the page of a visit offers to fill in. What goes wrong is told when it is wanted. */
export async function openAhead(task: TaskCard): Promise<void> {
	const begun = task.records.filter((record) => record.isDraft).map((record) => () => draftOf(record.id));
	const others = task.forms.filter((form) => !form.isBegun).map((form) => () => phone.blankForm(task.id, form.id));
	for (const find of [...begun, ...others].slice(0, MOST)) {
		const opening = await find();
		if (opening) await keep(opening);
	}
}

async function draftOf(record: string): Promise<Opening> {
	const draft = await phone.openDraft(record);
	return { ...draft, ...draft.row, definition: draft.definition };
}

async function keep(opening: Opening): Promise<void> {
	const name = nameOf(opening);
	if (ahead.has(name)) return;
	const root = openForm(opening);
	ahead.set(name, root);
	for (const old of [...ahead.keys()].slice(0, -MOST)) ahead.delete(old);
	await root.catch(() => ahead.delete(name));
}

/** Opens a form, or gives what was opened ahead for it. Raises FormBroken when the definition or the draft can't be used. */
export async function openNow(opening: Opening): Promise<RootNode> {
	const name = nameOf(opening);
	const found = ahead.get(name);
	ahead.delete(name);
	if (found === undefined) return openForm(opening);
	const root = await found;
	if (opening.xml === null) startNow(root);
	return root;
}
