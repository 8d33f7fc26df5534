/**
 * Where the sealed bytes of captured files lie: the browser's own disk where a worker can write to it at once (OPFS),
 * rows of IndexedDB otherwise. Both take pieces one after another and tell of one only when it is on the disk.
 *
 * `createWritable` is used by neither: it writes to a second file that a crash throws away whole.
 */
import type { Database } from './database';

/** One piece of a file: where it begins and how long it is, in the file's own bytes, before sealing. */
export interface Piece {
	readonly at: number;
	readonly size: number;
}

export interface Place {
	readonly kind: 'disk' | 'rows';
	/** Appends a piece; resolves when it is on the disk, rejects with QuotaExceededError when there is no room. */
	append(name: string, piece: Piece, sealed: Uint8Array<ArrayBuffer>): Promise<void>;
	/** Lets go of a file that nothing more is appended to. */
	close(name: string): Promise<void>;
	/** The pieces that lie there whole, in order; none where there is no such file. */
	pieces(name: string): Promise<readonly Piece[]>;
	/** The sealed bytes of one of them. */
	read(name: string, piece: Piece): Promise<Uint8Array<ArrayBuffer>>;
	remove(name: string): Promise<void>;
	names(): Promise<readonly string[]>;
}

/** Gives the error that says there is no room, where that is what went wrong: Dexie puts it into one of its own. */
export function asFull(error: unknown): Error | null {
	const found = [error, (error as { inner?: unknown } | null)?.inner].find((each) => (each as Error | undefined)?.name === 'QuotaExceededError');
	return (found as Error | undefined) ?? null;
}

/** Pieces as rows, for browsers without a disk of their own. */
export class Rows implements Place {
	readonly kind = 'rows';

	constructor(private readonly database: Database) {}

	async append(name: string, { at, size }: Piece, sealed: Uint8Array<ArrayBuffer>): Promise<void> {
		try {
			await this.database.pieces.add({ name, number: at, size, bytes: sealed });
		} catch (error) {
			throw asFull(error) ?? error;
		}
	}

	async close(): Promise<void> {}

	async pieces(name: string): Promise<readonly Piece[]> {
		const keys = (await this.ofFile(name).primaryKeys()) as unknown as [string, number][];
		const last = keys.at(-1) && (await this.database.pieces.get(keys.at(-1)!));
		return keys.map(([, at], index) => ({ at, size: (keys[index + 1]?.[1] ?? at + last!.size) - at }));
	}

	async read(name: string, { at }: Piece): Promise<Uint8Array<ArrayBuffer>> {
		return (await this.database.pieces.get([name, at]))!.bytes;
	}

	async remove(name: string): Promise<void> {
		await this.ofFile(name).delete();
	}

	async names(): Promise<readonly string[]> {
		const keys = (await this.database.pieces.toCollection().primaryKeys()) as unknown as [string, number][];
		return [...new Set(keys.map(([name]) => name))];
	}

	private ofFile(name: string) {
		return this.database.pieces.where('[name+number]').between([name, 0], [name, Infinity]);
	}
}
