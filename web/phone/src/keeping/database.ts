/**
 * What this phone keeps, in IndexedDB. One database for each person who uses the phone.
 *
 * Every write that somebody relies on is made with strict durability: it is on the disk when it is told as saved.
 * Files lie in pieces of at most 1 MB, so that a crash while recording loses at most the last piece.
 */
import Dexie, { type Table, type Transaction } from 'dexie';
import type { Captured } from '../forms/filling';

export const PIECE = 1_000_000;

/** A record that is being filled in: its instance as XML, and what it begins from. */
export interface DraftRow {
	record: string;
	task: string;
	form: string;
	version: string;
	/** SHA-256 of the form's definition, so that a draft keeps the version it was begun with. */
	definition: string;
	xml: string | null;
	/** The revisions that it replaces: none, or the heads of a record that came back. */
	parents: string[];
	beganAt: string;
	savedAt: string;
}

/** One photo, recording or signature. `name` is what the instance calls it. */
export interface FileRow {
	name: string;
	record: string;
	type: string;
	size: number;
	pieces: number;
	/** Empty while it is still being recorded. */
	sha256: string;
	told: Captured;
}

export interface PieceRow {
	name: string;
	number: number;
	bytes: Uint8Array<ArrayBuffer>;
}

class Keeping extends Dexie {
	/** The reducer's state, as JSON text, under the one name `phone`. */
	state!: Table<{ name: string; json: string }, string>;
	/** Sealed operations, in their order. */
	ops!: Table<{ op: string; place: number; json: string }, string>;
	/** What was told by the server and is needed without a network: session, last beacon. */
	told!: Table<{ name: string; value: unknown }, string>;
	drafts!: Table<DraftRow, string>;
	files!: Table<FileRow, string>;
	pieces!: Table<PieceRow, [string, number]>;
	/** Immutable bytes that were pulled, by their SHA-256. */
	blobs!: Table<{ sha256: string; text: string }, string>;

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

/** Keeps the bytes of a file in pieces, and its row with the last of them. */
export async function keepWhole(database: Database, row: FileRow, file: Blob): Promise<void> {
	const bytes = new Uint8Array(await file.arrayBuffer());
	await database.transaction('rw', database.files, database.pieces, async () => {
		for (let number = 0; number * PIECE < bytes.length; number += 1) {
			const piece = bytes.slice(number * PIECE, (number + 1) * PIECE);
			await database.pieces.put({ name: row.name, number, bytes: piece });
		}
		await database.files.put({ ...row, size: bytes.length, pieces: Math.ceil(bytes.length / PIECE) });
	});
}

/** Gives a kept file back, or nothing when there is none of that name. */
export async function fileOf(database: Database, name: string): Promise<File | undefined> {
	const row = await database.files.get(name);
	if (row === undefined) return undefined;
	const pieces = await database.pieces.where('[name+number]').between([name, 0], [name, Infinity]).toArray();
	return new File(
		pieces.map((piece) => piece.bytes),
		name,
		{ type: row.type },
	);
}
