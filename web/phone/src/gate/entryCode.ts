/** The code of an entry (入企检查码) in the form: what was scanned at the gate is not asked for again. */
import type { RootNode } from '@getodk/xforms-engine';
import { leaves } from '../forms/nodes';
import { answer } from '../forms/typed';
import { phone } from '../phone';

/** The question's name in every form that asks it (`forms/catalog/blocks/opening.md`). */
export const ENTRY_CODE = 'entry_code';

/** Answers the question of a record that was just begun with what was scanned or typed before. */
export async function answerEntryCode(root: RootNode, task: string): Promise<void> {
	const { entry } = await phone.declarations(task);
	const leaf = entry && leaves(root).find((each) => each.currentState.reference.endsWith(`/${ENTRY_CODE}`));
	if (leaf) answer(leaf, entry.code);
}
