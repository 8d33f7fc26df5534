/** What may be changed in a record that came back: what the reviewer marked, and what follows from changing it. */
import { reactive } from 'vue';
import type { DraftRow } from '../keeping/database';
import type { Mark } from '../work/drafts';
import { answersOf, plainPath } from './instance';

export class Correction {
	/** What stood in the version that came back, by plain path. */
	private readonly was: ReadonlyMap<string, string>;
	private readonly reasons: ReadonlyMap<string, string>;
	/** Questions that have to be answered though nobody marked them: new ones, and those that no longer hold. */
	private readonly opened = reactive(new Set<string>());

	constructor(before: string, marks: readonly Mark[]) {
		this.was = answersOf(before);
		this.reasons = new Map(marks.map((mark) => [plainPath(mark.path), mark.reason]));
	}

	/** The correction that a draft is; null for a record that is filled in for the first time. */
	static of(row: DraftRow, marks: readonly Mark[]): Correction | null {
		return row.before === undefined ? null : new Correction(row.before, marks);
	}

	markOf(reference: string): string | undefined {
		return this.reasons.get(plainPath(reference));
	}

	before(reference: string): string | undefined {
		return this.was.get(plainPath(reference));
	}

	/** Without marks the reviewer spoke of the record as a whole, and all of it is open. */
	mayChange(reference: string): boolean {
		const path = plainPath(reference);
		if (this.reasons.size === 0 || this.opened.has(path) || !this.was.has(path)) return true;
		return [...this.reasons.keys()].some((marked) => path === marked || path.startsWith(`${marked}/`));
	}

	/** Whether a row may go: one that is new, and one in which something is to be corrected. The others were accepted. */
	mayRemove(row: string): boolean {
		const path = plainPath(row);
		const stood = [...this.was.keys()].some((each) => each.startsWith(`${path}/`));
		if (this.reasons.size === 0 || !stood) return true;
		return [...this.reasons.keys()].some((marked) => marked === path || marked.startsWith(`${path}/`));
	}

	/** Opens what has to be answered now. It stays open, so that it can be thought better of. */
	open(references: readonly string[]): void {
		for (const reference of references) if (!this.mayChange(reference)) this.opened.add(plainPath(reference));
	}
}
