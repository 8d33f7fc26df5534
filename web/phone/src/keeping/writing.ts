/** A captured file that is coming into being: sealed piece by piece, and on the disk before a piece counts. */
import type { createSHA256 } from 'hash-wasm';
import type { Captured } from '../capture/captured';
import type { KeptFile, Vault } from './keptFile';
import type { Place } from './places';

/** Bytes of a piece, at most. */
export const PIECE = 1_000_000;

/** What makes a file whole. */
export interface Made {
	readonly size: number;
	readonly sha256: string;
}

type Hasher = Awaited<ReturnType<typeof createSHA256>>;

/** A file that is coming into being. Its pieces are written in the order in which they are given. */
export class Writing {
	/** Bytes that are on the disk. */
	size = 0;
	private line: Promise<void> = Promise.resolve();

	constructor(
		readonly name: string,
		private readonly place: Place,
		private readonly vault: Vault,
		private readonly hasher: Hasher,
		readonly release: () => void,
		private readonly whole: (made: Made, more: Partial<Captured>) => Promise<KeptFile>,
	) {}

	/** Adds bytes; resolves when they are on the disk. After a failure nothing more is taken, and what was kept stays. */
	append(slice: Blob): Promise<void> {
		this.line = this.line.then(async () => {
			for (let from = 0; from < slice.size; from += PIECE) {
				const bytes = new Uint8Array(await slice.slice(from, from + PIECE).arrayBuffer());
				const sealed = await this.vault.seal(bytes);
				await this.place.append(this.name, { at: this.size, size: bytes.length }, sealed);
				this.hasher.update(bytes);
				this.size += bytes.length;
			}
		});
		return this.line;
	}

	/** Makes a whole file of what is on the disk, also when the last bytes did not fit; `more` is told of it now. */
	async finish(more: Partial<Captured> = {}): Promise<KeptFile> {
		await this.line.catch(() => undefined);
		const kept = await this.whole({ size: this.size, sha256: this.hasher.digest() }, more);
		this.release();
		return kept;
	}
}

/** Holds a file's name for as long as it is written; with `once`, null when somebody else holds it. */
export function lock(name: string, once: true): Promise<(() => void) | null>;
export function lock(name: string): Promise<() => void>;
export function lock(name: string, once = false): Promise<(() => void) | null> {
	if (!navigator.locks) return Promise.resolve(() => undefined);
	return new Promise((held) => {
		void navigator.locks.request(`merestone-file-${name}`, { ifAvailable: once }, (got) => {
			if (got === null) return held(null);
			return new Promise<void>((release) => held(release));
		});
	});
}
