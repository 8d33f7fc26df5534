/**
 * What this phone keeps, in IndexedDB. One database for each person who uses the phone.
 *
 * Every write that somebody relies on is made with strict durability: it is on the disk when it is told as saved.
 * Files lie in pieces of at most 1 MB, so that a crash while recording loses at most the last piece.
 */
import Dexie, { type Table, type Transaction } from 'dexie';
import type { SealedText } from './vault';

/** What finds a draft. */
export interface DraftHead {
	record: string;
	task: string;
	form: string;
	version: string;
	/** SHA-256 of the form's definition, so that a draft keeps the version it was begun with. */
	definition: string;
	/** The revisions that it replaces: none, or the heads of a record that came back. */
	parents: string[];
	beganAt: string;
	savedAt: string;
	/** Rows that were let go of since the record came back, by their places then. */
	gone?: string[];
	/** The tab that opened it last: the only one that writes it. */
	tab?: string;
}

/** A record that is being filled in: its instance as XML, and what it begins from. */
export interface DraftRow extends DraftHead {
	xml: string | null;
	/** The XML that came back, while it is corrected; and what its files are called and where they lie. */
	before?: string;
	inherited?: MediaEntry[];
	/** What the draft was in versions of its form that it was begun with, oldest first; kept until it is sealed. */
	earlier?: { version: string; definition: string; xml: string }[];
	/** Answers that found no place in the version it was taken over to. */
	unfit?: { label: string; value: string }[];
}

/** A draft as it lies on the disk; see draftRows.ts. */
export interface StoredDraft extends DraftHead {
	xml: SealedText | null;
	rest?: Uint8Array<ArrayBuffer>;
}

/** A file as a revision names it. */
export interface MediaEntry {
	name: string;
	sha256: string;
	size: number;
	type: string;
	[more: string]: unknown;
}

/** One photo, recording or signature. `name` is what the instance calls it. */
export interface FileRow {
	name: string;
	record: string;
	type: string;
	size: number;
	/** Empty while it is still being recorded. */
	sha256: string;
	/** Where its bytes lie: on the browser's own disk, or in rows of `pieces`. */
	place: 'disk' | 'rows';
	/** When it was begun, by this phone's clock. */
	began: string;
	/** When its record was sealed last. */
	sealedAt?: string;
	/** What is told of its capture, as sealed JSON. */
	told: Uint8Array<ArrayBuffer>;
	/** Its recording was cut off by a crash. */
	interrupted?: boolean;
}

/** Sealed bytes of a file; `number` is the place of the first of them in it, `size` how many they were. */
export interface PieceRow {
	name: string;
	number: number;
	size: number;
	bytes: Uint8Array<ArrayBuffer>;
}

class Keeping extends Dexie {
	/** The reducer's state without its operations, as sealed JSON; and `turn`, which counts its writes. */
	state!: Table<{ name: string; sealed?: Uint8Array<ArrayBuffer>; turn?: number }, string>;
	/** The operations of the outbox in their order, as sealed JSON. */
	ops!: Table<{ op: string; place: number; sealed: Uint8Array<ArrayBuffer> }, string>;
	/** What was told by the server and is needed without a network: session, last beacon. */
	told!: Table<{ name: string; value: unknown }, string>;
	drafts!: Table<StoredDraft, string>;
	files!: Table<FileRow, string>;
	pieces!: Table<PieceRow, [string, number]>;
	/** Immutable bytes that were pulled, by their SHA-256: forms and lists in clear, revisions `sealed`. */
	blobs!: Table<{ sha256: string; text: string; sealed?: Uint8Array<ArrayBuffer> }, string>;

	constructor(person: string) {
		super(`merestone-${person}`, { chromeTransactionDurability: 'strict' });
		this.version(1).stores({
			state: 'name',
			ops: 'op, place',
			told: 'name',
			drafts: 'record, task',
			files: 'name, record, sha256',
			pieces: '[name+number]',
			blobs: 'sha256',
		});
	}
}

export type Database = Keeping;
export type Inside = Transaction;

export function openDatabase(person: string): Database {
	return new Keeping(person);
}
