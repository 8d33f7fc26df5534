/** What the widgets of a form need to know of the record they belong to. */
import { inject, provide, type InjectionKey, type Ref } from 'vue';
import type { Fix } from '../capture/captured';
import type { Measuring } from '../capture/measuring';
import type { Node } from './nodes';

/** By the reference of the question, or of the repeat. */
export interface Passing {
	readonly measurings: Map<string, Measuring>;
	/** A corner that is being looked for. */
	readonly corners: Map<string, Promise<Fix | null>>;
	/** The row whose card is open. */
	readonly rows: Map<string, string>;
}

export interface Filling {
	/** The record's id. */
	readonly record: string;
	/** Whether gaps are pointed out that nobody has come to yet. */
	readonly showsGaps: Ref<boolean>;
	/** The reviewer's reason at a path, when the record came back. */
	markOf(reference: string): string | undefined;
	/** Whether an answer may be changed: all in a new record, only what the reviewer asks for in a returned one. */
	mayChange(reference: string): boolean;
	/** Whether a row of a repeat may go: any in a new record. */
	mayRemove(row: string): boolean;
	/** What stood in the version that came back, as its XML has it; undefined in a new record. */
	before(reference: string): string | undefined;
	/** Keeps what is being typed before it is an answer, so that a phone that dies takes at most a moment of it. */
	typing(reference: string, text: string | null): void;
	/** What was typed at a place and could not become an answer. */
	unfinished(reference: string): string | undefined;
	/** What the record as it is filled in now says to whoever signs it. */
	textToSign(): Promise<string>;
	/** A question where it stands now: while something was captured for it, the draft may have been opened anew. */
	standing(node: Node): Node;
	/** Resolves when the draft that is open stands: an answer that was given to one before would be gone. */
	settled(): Promise<void>;
	/** What goes on in the questions while a file is cleared and all are drawn anew in their places; else null. */
	passing(): Passing | null;
	/** Clears a file's answer, also a restored one. */
	clearFile(name: string): Promise<void>;
	/** Answers what is blank in a row as it usually is; says how many questions would be. */
	answerRow(row: Node): void;
	usualIn(row: Node): number;
	/** Lets a row go; it can be had back as it was. */
	removeRow(row: string, remove: () => void): void;
	/** Where somebody is led to: cards on the way open. */
	readonly target: Ref<string>;
}

const KEY: InjectionKey<Filling> = Symbol('filling');

export function provideFilling(filling: Filling): void {
	provide(KEY, filling);
}

export function filling(): Filling {
	const found = inject(KEY);
	if (found === undefined) {
		throw new Error('a widget of a form stands outside of one');
	}
	return found;
}
