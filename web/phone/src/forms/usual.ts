/**
 * What an inspection that finds nothing wrong answers, all at once: `bind::usual` of a form's sheet says it.
 *
 * Only blank questions are answered, only with what the form's author wrote there, and only where the form's rules take
 * it. Rows of repeats are not: each is looked at by itself. Everything can be seen and changed after, and had back at once.
 */
import { formMoment } from './moments';
import { isAnswered, isAsked, type Node } from './nodes';

const NOW = 'now';

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

/** The questions below some sections, or in one row, that are blank and have a usual answer. */
export function usuallyAnswered(nodes: readonly Node[], usual: ReadonlyMap<string, string>): Node[] {
	return nodes.flatMap(questionsHere).filter((leaf) => isAsked(leaf) && !isAnswered(leaf) && usual.has(pathOf(leaf)));
}

/** Answers them; gives those that were. An answer that a rule refuses is taken back: somebody has to think about it. */
export function answerUsually(nodes: readonly Node[], usual: ReadonlyMap<string, string>): Node[] {
	return usuallyAnswered(nodes, usual).filter((leaf) => {
		put(leaf, usual.get(pathOf(leaf))!);
		if (leaf.validationState.violation === null && isAnswered(leaf)) return true;
		blank(leaf);
		return false;
	});
}

export function blank(leaf: Node): void {
	if (leaf.nodeType === 'select') leaf.selectValues([]);
	else leaf.setValue(null);
}

function put(leaf: Node, value: string): void {
	if (leaf.nodeType === 'select') leaf.selectValues(value.split(' '));
	else if (leaf.valueType === 'dateTime' && value === NOW) leaf.setValue(formMoment(new Date()));
}

function questionsHere(node: Node): Node[] {
	if (node.nodeType.startsWith('repeat-range')) return [];
	const children: Node[] | null = node.currentState.children;
	return children === null ? [node] : children.flatMap(questionsHere);
}

function pathOf(leaf: Node): string {
	return leaf.currentState.reference.replace(/\[\d+\]/g, '');
}
