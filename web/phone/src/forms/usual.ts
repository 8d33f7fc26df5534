/**
 * What an inspection that finds nothing wrong answers, all at once: `bind::usual` of a form's sheet says it.
 *
 * Only blank questions are answered, only with what the form's author wrote there, and only where the form's rules take
 * it. Everything can be seen and changed after, and had back at once.
 */
import { isAnswered, isAsked, leaves, type Node } from './nodes';

/** The usual answers of a definition, by path without places. */
export function usualOf(xform: string): ReadonlyMap<string, string> {
	const found = new Map<string, string>();
	for (const [bind] of xform.matchAll(/<bind\s[^>]*>/g)) {
		const usual = /\susual="([^"]*)"/.exec(bind)?.[1];
		const nodeset = /\snodeset="([^"]*)"/.exec(bind)?.[1];
		if (usual && nodeset) found.set(nodeset, usual);
	}
	return found;
}

/** The questions below some nodes that are blank and have a usual answer. */
export function usuallyAnswered(nodes: readonly Node[], usual: ReadonlyMap<string, string>): Node[] {
	return nodes
		.flatMap(leaves)
		.filter((leaf) => leaf.nodeType === 'select' && isAsked(leaf) && !isAnswered(leaf) && usual.has(pathOf(leaf)));
}

/** Answers them; gives those that were. An answer that a rule refuses is taken back: somebody has to think about it. */
export function answerUsually(nodes: readonly Node[], usual: ReadonlyMap<string, string>): Node[] {
	return usuallyAnswered(nodes, usual).filter((leaf) => {
		leaf.selectValues(usual.get(pathOf(leaf))!.split(' '));
		if (leaf.validationState.violation === null && isAnswered(leaf)) return true;
		leaf.selectValues([]);
		return false;
	});
}

function pathOf(leaf: Node): string {
	return leaf.currentState.reference.replace(/\[\d+\]/g, '');
}
