/** Walks through a form as the engine holds it: answers, gaps, sections. Nothing here changes anything. */

/** The engine's own types hide most of a node; what a widget needs of one, whatever its kind. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Node = any;

/** What still has to be answered or mended. */
export interface Gap {
	readonly nodeId: string;
	readonly reference: string;
	/** What the question asks, and in which row of a repeat: `界桩照片（J3）`. */
	readonly label: string;
	/** Why it is a gap, in the form's own words. */
	readonly message: string;
	/** The title of the section it stands in. */
	readonly section: string;
}

/** What stands where nothing was answered or is known: blanks are struck out, so that nothing can be filled in later. */
export const BLANK = '／';

/** A text of the form as it reads. A value in it that is blank is struck out: no sentence ends in nothing. */
export function worded(text: Node | null | undefined): string {
	const parts: Node[] = text ? [...text] : [];
	if (parts.every((part) => part.asString.trim() === '')) return '';
	return parts.map((part) => (part.source === 'output' && part.asString.trim() === '' ? BLANK : part.asString)).join('');
}

/** All answers below a node, in the order of the form. */
export function leaves(node: Node): Node[] {
	const children = node.currentState.children;
	return children === null ? [node] : children.flatMap(leaves);
}

/** What a person sees of a node: not what is only calculated, and nothing that does not apply. */
export function isSeen(node: Node): boolean {
	if (!node.currentState.relevant || node.nodeType === 'model-value') return false;
	if (node.nodeType.startsWith('repeat-range')) return true;
	const children = node.currentState.children;
	return children === null || children.some(isSeen);
}

/** The questions below a node that somebody answers. */
export function questions(node: Node): Node[] {
	return leaves(node).filter((leaf) => isAsked(leaf));
}

export function isAsked(leaf: Node): boolean {
	return leaf.currentState.relevant && isQuestion(leaf);
}

function isQuestion(leaf: Node): boolean {
	return !['model-value', 'note', 'attribute'].includes(leaf.nodeType) && !leaf.currentState.readonly;
}

/** What was answered and does not apply as the record stands: it is in the draft, and in nothing that is sealed. By its labels. */
export function leftOut(root: Node): string[] {
	const hidden = leaves(root).filter((leaf) => !leaf.currentState.relevant && isQuestion(leaf));
	const given = (leaf: Node) => leaf.getGivenValue?.() ?? leaf.currentState.instanceValue;
	return hidden.filter((leaf) => ![null, '', leaf.definition.template.value].includes(given(leaf))).map(labelled);
}

export function isAnswered(leaf: Node): boolean {
	const value = leaf.currentState.instanceValue;
	return leaf.nodeType === 'trigger' ? Boolean(value) : value !== null && value !== undefined && value !== '';
}

/** What still has to be answered or mended below a node, in the order of the form. */
export function gaps(node: Node): Gap[] {
	return wrong(node).map((leaf) => gapAt(leaf, worded(leaf.validationState.violation.message)));
}

/** A question as a gap, for a reason. */
export function gapAt(leaf: Node, message: string): Gap {
	return {
		nodeId: leaf.nodeId,
		reference: leaf.currentState.reference,
		label: labelled(leaf),
		message,
		section: worded(sectionOf(leaf)?.currentState.label),
	};
}

/** The answers below a node that are missing or against a rule. */
export function wrong(node: Node): Node[] {
	return leaves(node).filter((leaf) => leaf.validationState?.violation && leaf.currentState.relevant);
}

function labelled(leaf: Node): string {
	const label = worded(leaf.currentState.label) || leaf.currentState.reference;
	const rows = ancestors(leaf).filter((each) => each.nodeType === 'repeat-instance');
	return rows.length === 0 ? label : `${label}（${rows.map(nameOfRow).reverse().join(' · ')}）`;
}

function ancestors(node: Node): Node[] {
	const parent = node.parent;
	return parent === null || parent === undefined || parent.nodeType === 'root' ? [] : [parent, ...ancestors(parent)];
}

/** The part of the form, right below its root, that a node stands in. */
export function sectionOf(node: Node): Node | undefined {
	return [node, ...ancestors(node)].at(-1);
}

/** The node at a reference such as `/data/markers[2]/photo`. */
export function nodeAt(root: Node, reference: string): Node | undefined {
	return leaves(root).find((leaf) => leaf.currentState.reference === reference);
}

/** What an answer says, in words. */
export function told(leaf: Node): string {
	const value = String(leaf.currentState.instanceValue ?? '');
	const options: Node[] = leaf.currentState.valueOptions ?? [];
	const chosen = options.filter((each) => leaf.currentState.value?.includes?.(each.value));
	return chosen.length > 0 ? chosen.map((each) => each.label.asString).join('、') : value;
}

/** Answers that tell the verdict on a row, by the names that forms give them. */
const VERDICTS = ['displaced', 'verdict', 'answer', 'exists', 'same', 'batch_verdict'];

/** What tells a row of a repeat from the others: its first short answer, or its number. */
export function nameOfRow(row: Node): string {
	const first = leaves(row).find((leaf) => isAsked(leaf) && ['input', 'select'].includes(leaf.nodeType) && isAnswered(leaf));
	const place = row.parent.currentState.children.findIndex((each: Node) => each.nodeId === row.nodeId) + 1;
	return first ? told(first) : String(place);
}

/** The verdict on a row, in the form's words; empty where there is none yet. */
export function verdictOfRow(row: Node): string {
	for (const name of VERDICTS) {
		const found = leaves(row).find((leaf) => leaf.currentState.reference.endsWith(`/${name}`) && isAsked(leaf) && isAnswered(leaf));
		if (found) return told(found);
	}
	return '';
}
