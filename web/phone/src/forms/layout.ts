/** A form as pages: its sections in their order, short ones together, so that turning pages costs few taps. */
import { isSeen, questions, type Node } from './nodes';

const FULL = 28; // questions on a page, as far as sections allow
const REPEAT = 6; // what a repeat counts for, however many rows it has

/** Lays the sections out once, when the form opens: pages do not change under somebody's fingers. */
export function laidOut(root: Node): string[][] {
	const pages: string[][] = [[]];
	let filled = 0;
	for (const section of root.currentState.children as Node[]) {
		const weight = section.nodeType.startsWith('repeat-range') ? REPEAT : isSeen(section) ? questions(section).length : 0;
		if (filled > 0 && filled + weight > FULL) {
			pages.push([]);
			filled = 0;
		}
		pages.at(-1)!.push(section.nodeId);
		filled += weight;
	}
	return pages;
}

/** The pages with the sections on each that apply now; pages without any are left out. */
export function pagesOf(root: Node, layout: readonly (readonly string[])[]): Node[][] {
	const sections = new Map<string, Node>(root.currentState.children.map((each: Node) => [each.nodeId, each]));
	return layout
		.map((ids) => ids.map((id) => sections.get(id)).filter((each) => each && isSeen(each)))
		.filter((page) => page.length > 0);
}
