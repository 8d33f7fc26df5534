/** What may be changed in a record that came back: what the reviewer marked, and what follows from changing it. */
import { reactive } from 'vue';
import type { DraftRow } from '../keeping/database';
import type { Mark } from '../work/drafts';
import { answersOf, plainPath } from './instance';

export class Correction {
	/** What stood in the version that came back, by plain path. */
	private readonly was: ReadonlyMap<string, string>;
	private readonly reasons: ReadonlyMap<string, string>;
	/** How many rows each repeat had then, by its path. */
	private readonly rows = new Map<string, number>();
	private readonly gone: Set<string>;
	/** Questions that have to be answered though nobody marked them: new ones, and those that no longer hold. */
	private readonly opened = reactive(new Set<string>());

	/** `gone` are the rows that were let go of since, as they stood then. */
	constructor(before: string, marks: readonly Mark[], gone: readonly string[] = []) {
		this.was = answersOf(before);
		this.reasons = new Map(marks.map((mark) => [plainPath(mark.path), mark.reason]));
		this.gone = reactive(new Set(gone));
		for (const path of this.was.keys()) this.count(path);
	}

	private count(path: string): void {
		for (const { 0: step, 1: place, index } of path.matchAll(/[^/[]+(?:\[(\d+)\])?/g)) {
			const repeat = path.slice(0, index + step.length).replace(/\[\d+\]$/, '');
			this.rows.set(repeat, Math.max(this.rows.get(repeat) ?? 0, Number(place ?? 1)));
		}
	}

	/** The correction that a draft is; null for a record that is filled in for the first time. */
	static of(row: DraftRow, marks: readonly Mark[]): Correction | null {
		return row.before === undefined ? null : new Correction(row.before, marks, row.gone);
	}

	/** Where a place of the draft was in the version that came back, as a plain path: rows behind one that went moved up. */
	stood(reference: string): string {
		const steps = reference.split('/').filter(Boolean);
		return steps.reduce((path, step) => {
			const [, name, place] = /^(.*)\[(\d+)\]$/.exec(step) ?? [];
			return place === undefined ? `${path}/${step}` : this.rowThatWas(`${path}/${name}`, Number(place));
		}, '');
	}

	private rowThatWas(repeat: string, place: number): string {
		const count = this.rows.get(repeat) ?? 0;
		const then = Array.from({ length: count }, (_, at) => plainPath(`${repeat}[${at + 1}]`));
		// A new row stands behind all that were there, whatever went since.
		return then.filter((row) => !this.gone.has(row))[place - 1] ?? `${repeat}[${count + place}]`;
	}

	/** Notes that a row goes. A new one was never there. */
	rowGoes(row: string): void {
		const path = this.stood(row);
		if (this.stoodThen(path)) this.gone.add(path);
	}

	/** The rows that went, as they stood in the version that came back. */
	get rowsGone(): string[] {
		return [...this.gone];
	}

	/** Whether a place of the version that came back went with its row. */
	isGone(path: string): boolean {
		const place = plainPath(path);
		return this.rowsGone.some((row) => place === row || place.startsWith(`${row}/`));
	}

	markOf(reference: string): string | undefined {
		return this.reasons.get(this.stood(reference));
	}

	before(reference: string): string | undefined {
		return this.was.get(this.stood(reference));
	}

	/** Without marks the reviewer spoke of the record as a whole, and all of it is open. */
	mayChange(reference: string): boolean {
		const path = this.stood(reference);
		if (this.reasons.size === 0 || this.opened.has(path) || !this.was.has(path)) return true;
		return [...this.reasons.keys()].some((marked) => path === marked || path.startsWith(`${marked}/`));
	}

	/** Whether a row may go: one that is new, and one in which something is to be corrected. The others were accepted. */
	mayRemove(row: string): boolean {
		const path = this.stood(row);
		if (this.reasons.size === 0 || !this.stoodThen(path)) return true;
		return [...this.reasons.keys()].some((marked) => marked === path || marked.startsWith(`${path}/`));
	}

	private stoodThen(row: string): boolean {
		return [...this.was.keys()].some((each) => each.startsWith(`${row}/`));
	}

	/** Opens what has to be answered now. It stays open, so that it can be thought better of. */
	open(references: readonly string[]): void {
		for (const reference of references) if (!this.mayChange(reference)) this.opened.add(this.stood(reference));
	}
}
