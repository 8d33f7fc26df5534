/**
 * Captured files: kept piece by piece while they come into being, each piece sealed and on the disk before it counts.
 *
 * A row says what a file is; its `sha256` is empty until the file is whole. A crash therefore leaves at most one slice
 * unwritten and a row that tells what it interrupted: `mend` makes a whole file of what was kept.
 */
import { createSHA256 } from 'hash-wasm';
import type { Captured } from '../capture/captured';
import type { Database, FileRow } from './database';
import { Disk } from './disk';
import { KeptFile, type Vault } from './keptFile';
import { asFull, Rows, type Place } from './places';
import { Reserve, RESERVE } from './reserve';
import { lock, Writing, type Made } from './writing';

/** What is known of a file when its first bytes come. */
export interface Beginning {
	readonly record: string;
	/** Its media type, without parameters. */
	readonly type: string;
	/** With its dot, such as .jpg. */
	readonly extension: string;
	readonly told: Captured;
}

export class Files {
	/** Where new files go. */
	private readonly place: Place;
	readonly reserve: Reserve;

	private constructor(
		private readonly database: Database,
		private readonly vault: Vault,
		private readonly places: { readonly disk: Disk | null; readonly rows: Rows },
	) {
		this.place = places.disk ?? places.rows;
		this.reserve = new Reserve(this.place);
	}

	/** The captured files of one person on this phone, with those that a crash cut off made whole. */
	static async open(database: Database, vault: Vault): Promise<Files> {
		const files = new Files(database, vault, { disk: await Disk.open(database.name), rows: new Rows(database) });
		await files.mend();
		return files;
	}

	/** Ends: who captured has signed out. */
	end(): void {
		this.places.disk?.end();
	}

	/** Begins a file under a new name; it can be found from now on, whatever happens. */
	async begin({ record, type, extension, told }: Beginning): Promise<Writing> {
		const { place } = this;
		const name = `${crypto.randomUUID()}${extension}`;
		const began = new Date().toISOString();
		const row: FileRow = { name, record, type, size: 0, sha256: '', place: place.kind, began, told: await this.sealed(told) };
		const release = await lock(name);
		await this.database.files.add(row);
		const hasher = (await createSHA256()).init();
		return new Writing(name, place, this.vault, hasher, release, (made, more) => this.finish(row, made, { ...told, ...more }));
	}

	/**
	 * Keeps a whole file; resolves when all of it is on the disk. Leaves nothing behind when it did not fit.
	 *
	 * `later` is told of it once it is known, such as a position that is still being found while the bytes are written.
	 */
	async keep(beginning: Beginning, bytes: Blob, later: Promise<Partial<Captured>> | null = null): Promise<KeptFile> {
		return this.withRoom(() => this.keepOnce(beginning, bytes, later));
	}

	/** Writes something that is no recording: where it finds no room, the reserve is let go of for it. */
	async withRoom<T>(write: () => Promise<T>): Promise<T> {
		try {
			return await write();
		} catch (error) {
			if (asFull(error) === null || !(await this.reserve.letGo())) throw error;
			return write();
		}
	}

	private async keepOnce(beginning: Beginning, bytes: Blob, later: Promise<Partial<Captured>> | null): Promise<KeptFile> {
		const writing = await this.begin(beginning);
		try {
			await writing.append(bytes);
			return await writing.finish((await later) ?? {});
		} catch (error) {
			writing.release();
			await this.remove([writing.name]);
			throw error;
		}
	}

	/** A whole file by its name. */
	async find(name: string): Promise<KeptFile | undefined> {
		const row = await this.database.files.get(name);
		return row && row.sha256 ? this.opened(row) : undefined;
	}

	/** A whole file by its SHA-256, in hexadecimal digits. */
	async bySha256(sha256: string): Promise<KeptFile | undefined> {
		const row = await this.database.files.where('sha256').equals(sha256).first();
		return row && this.opened(row);
	}

	/** The whole files of a record, oldest first. */
	async ofRecord(record: string): Promise<KeptFile[]> {
		return Promise.all((await this.rowsOf(record)).map((row) => this.opened(row)));
	}

	/** Some whole files of this phone, whichever: names are made by chance. */
	async some(most: number): Promise<KeptFile[]> {
		const rows = await this.database.files.limit(most).toArray();
		return Promise.all(rows.filter((row) => row.sha256).map((row) => this.opened(row)));
	}

	/** The rows of a record's whole files, oldest first: what they are, without what is told of them. */
	async rowsOf(record: string): Promise<FileRow[]> {
		const rows = (await this.database.files.where('record').equals(record).toArray()).filter((row) => row.sha256);
		return rows.sort((one, other) => one.began.localeCompare(other.began));
	}

	/** Lets go of all copies of what these SHA-256 name. */
	async drop(sha256s: readonly string[]): Promise<void> {
		const keys = await this.database.files.where('sha256').anyOf([...sha256s]).primaryKeys();
		await this.remove(keys);
	}

	/** Makes whole files of those that a crash interrupted, up to the last piece that can be opened. Gives their names. */
	async mend(): Promise<string[]> {
		const mended: string[] = [];
		for (const row of await this.database.files.where('sha256').equals('').toArray()) {
			const release = await lock(row.name, true);
			if (release === null) continue; // It is being written at this moment.
			try {
				if (await this.mendOne(row)) mended.push(row.name);
			} finally {
				release();
			}
		}
		return mended;
	}

	private async mendOne(row: FileRow): Promise<boolean> {
		const place = this.places[row.place];
		if (place === null) return false; // The disk is not to be reached today; it may be tomorrow.
		const hasher = (await createSHA256()).init();
		const pieces = await place.pieces(row.name);
		let size = 0;
		for (const piece of pieces) {
			const bytes = await this.vault.open(await place.read(row.name, piece)).catch(() => null);
			if (bytes?.length !== piece.size) break;
			hasher.update(bytes);
			size += piece.size;
		}
		if (size > 0) await this.finish({ ...row, interrupted: true }, { size, sha256: hasher.digest() });
		// Where there are bytes that this phone can't open (its key was destroyed), they stay for who can.
		else if (pieces.length === 0) await this.remove([row.name]);
		return size > 0;
	}

	/**
	 * Removes whole files that nothing names any more, and bytes without a row. Gives the names.
	 *
	 * Only what was captured, and was no part of a draft, before `since` (ISO 8601) goes: what somebody may still name stays.
	 */
	async sweep(isNamed: (row: FileRow) => boolean, since: string): Promise<string[]> {
		const rows = await this.database.files.toArray();
		const gone = rows.filter((row) => row.sha256 && (row.sealedAt ?? row.began) < since && !isNamed(row)).map((row) => row.name);
		await this.remove(gone);
		const known = new Set(rows.map((row) => row.name));
		for (const place of Object.values(this.places)) {
			for (const name of (await place?.names()) ?? []) {
				if (name === RESERVE || known.has(name) || (await this.database.files.get(name))) continue;
				await place!.remove(name);
				gone.push(name);
			}
		}
		return gone;
	}

	private async finish(row: FileRow, made: Made, told?: Captured): Promise<KeptFile> {
		await this.places[row.place]!.close(row.name);
		const whole = { ...row, ...made, told: told ? await this.sealed(told) : row.told };
		await this.database.files.put(whole);
		return this.opened(whole);
	}

	/** Bytes go after their row: a crash between leaves bytes that the next sweep finds, never a row without bytes. */
	private async remove(names: readonly string[]): Promise<void> {
		const rows = await this.database.files.bulkGet([...names]);
		await this.database.files.bulkDelete([...names]);
		for (const row of rows) if (row) await this.places[row.place]?.remove(row.name);
	}

	private sealed(told: Captured): Promise<Uint8Array<ArrayBuffer>> {
		return this.vault.seal(new TextEncoder().encode(JSON.stringify(told)));
	}

	private async opened(row: FileRow): Promise<KeptFile> {
		const told = JSON.parse(new TextDecoder().decode(await this.vault.open(row.told))) as Captured;
		return new KeptFile(row, told, this.places[row.place]!, this.vault);
	}
}
