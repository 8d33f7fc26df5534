/** One captured file, whole: read in parts, so that a long film never has to fit into memory. */
import type { Captured } from '../capture/captured';
import type { FileRow } from './database';
import type { Piece, Place } from './places';

/** What seals bytes before they are kept, and opens them again. */
export interface Vault {
	seal(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>>;
	open(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>>;
}

/** The bytes of a file are not to be read on this phone, or not all of them. */
export class Unreadable extends Error {}

export class KeptFile {
	readonly name: string;
	readonly record: string;
	readonly type: string;
	readonly size: number;
	readonly sha256: string;
	readonly began: string;
	/** Whether its recording was cut off by a crash and it holds what came before. */
	readonly interrupted: boolean;
	private pieces: Promise<readonly Piece[]> | null = null;

	constructor(
		row: FileRow,
		readonly told: Captured,
		private readonly place: Place,
		private readonly vault: Vault,
	) {
		({ name: this.name, record: this.record, type: this.type, size: this.size, sha256: this.sha256, began: this.began } = row);
		this.interrupted = row.interrupted ?? false;
	}

	/** The bytes from one place up to another, of which only the pieces around them are read. */
	async slice(from: number, to: number): Promise<Blob> {
		this.pieces ??= this.place.pieces(this.name);
		const end = Math.min(to, this.size);
		const parts: Uint8Array<ArrayBuffer>[] = [];
		for (const piece of await this.pieces) {
			if (piece.at >= end || piece.at + piece.size <= from) continue;
			const bytes = await this.vault.open(await this.place.read(this.name, piece));
			parts.push(bytes.subarray(Math.max(from - piece.at, 0), end - piece.at));
		}
		return new Blob(parts, { type: this.type });
	}

	/** All of it, for showing and playing. The browser keeps it outside of the page's memory. */
	async blob(): Promise<Blob> {
		const parts: Blob[] = [];
		for (let at = 0; at < this.size; at += SHOWN) parts.push(await this.slice(at, at + SHOWN));
		return new Blob(parts, { type: this.type });
	}
}

/** A file as the form engine has to know it: its name and type. Its bytes stay in our keeping. */
export function named(file: { readonly name: string; readonly type: string }): File {
	return new File([], file.name, { type: file.type });
}

const SHOWN = 8_000_000;

/** How tus-js-client reads a kept file (its option `fileReader`): a chunk at a time. */
export const keptFileReader = {
	openFile: async (file: KeptFile) => ({
		size: file.size,
		slice: async (from: number, to: number) => {
			const value = await file.slice(from, to).catch(() => null);
			if (value?.size !== Math.min(to, file.size) - from) throw new Unreadable(file.name);
			return { value, done: to >= file.size };
		},
		close: () => undefined,
	}),
};
