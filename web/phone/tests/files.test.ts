import 'fake-indexeddb/auto';
import { createHash } from 'node:crypto';
import { beforeEach, expect, test, vi } from 'vitest';
import { openDatabase, type Database, type FileRow } from '../src/keeping/database';
import { Files } from '../src/keeping/files';
import { keptFileReader, type Vault } from '../src/keeping/keptFile';
import { tidy } from '../src/keeping/tidying';
import { PIECE } from '../src/keeping/writing';
import { NEW_PHONE, type PhoneState } from '../../sync/phoneState.ts';

/** Seals so that everything shows: what is kept is longer than what was given, and none of it is readable. */
const VAULT: Vault = {
	seal: async (bytes) => Uint8Array.from([7, ...bytes.map((byte) => byte ^ 0x5a), 7]),
	open: async (bytes) => {
		if (bytes[0] !== 7 || bytes.at(-1) !== 7) throw new Error('not sealed by this vault');
		return bytes.slice(1, -1).map((byte) => byte ^ 0x5a);
	},
};
const TOLD = { source: 'camera', capturedAt: '2026-11-26T01:02:03.456Z', mono: 5, boot: 'b', position: null } as const;
const AT = { record: 'r1', type: 'image/jpeg', extension: '.jpg', told: TOLD };

vi.setConfig({ testTimeout: 60_000 }); // megabytes, on a machine that may be busy

let database: Database;
let files: Files;
let people = 0;

beforeEach(async () => {
	database = openDatabase(`person-${(people += 1)}`);
	files = await Files.open(database, VAULT);
});

function noise(size: number): Uint8Array<ArrayBuffer> {
	let seed = size + 1;
	return Uint8Array.from({ length: size }, () => (seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648) & 0xff);
}

function sha256(bytes: Uint8Array): string {
	return createHash('sha256').update(bytes).digest('hex');
}

async function bytesOf(blob: Blob): Promise<Uint8Array> {
	return new Uint8Array(await blob.arrayBuffer());
}

/** What a crash leaves: a row and the pieces that were written, and nobody who goes on. */
async function interrupted(slices: readonly Uint8Array<ArrayBuffer>[]): Promise<string> {
	const writing = await files.begin(AT);
	for (const slice of slices) await writing.append(new Blob([slice]));
	writing.release();
	return writing.name;
}

test('a file comes back byte for byte, in pieces of at most a megabyte, and is named by its SHA-256', async () => {
	const bytes = noise(2 * PIECE + 17);
	const kept = await files.keep(AT, new Blob([bytes]));

	expect(kept.sha256).toBe(sha256(bytes));
	expect(kept.size).toBe(bytes.length);
	expect(sha256(await bytesOf(await kept.blob()))).toBe(sha256(bytes));
	expect((await files.find(kept.name))!.told).toEqual(TOLD);
	expect((await database.pieces.toArray()).map((row) => row.size)).toEqual([PIECE, PIECE, 17]);
});

test('nothing of a capture lies on the disk as it is: neither its bytes nor where it was taken', async () => {
	const told = { ...TOLD, position: { latitude: 35.48, longitude: 112.41, accuracy: 4, altitude: null, at: 'x' } };
	const kept = await files.keep({ ...AT, told }, new Blob(['plain words']));

	const raw = JSON.stringify([await database.files.toArray(), await database.pieces.toArray()], (_, value) =>
		value instanceof Uint8Array ? new TextDecoder('latin1').decode(value) : value,
	);
	expect(raw).not.toContain('plain words');
	expect(raw).not.toContain('35.48');
	expect((await files.find(kept.name))!.told.position!.latitude).toBe(35.48);
});

test('any range of a file is read from the pieces around it alone', async () => {
	const bytes = noise(3 * PIECE);
	const kept = await files.keep(AT, new Blob([bytes]));
	const source = await keptFileReader.openFile(kept);
	await database.pieces.delete([kept.name, 0]);

	const { value, done } = await source.slice(PIECE + 5, 2 * PIECE + 5);

	expect(sha256(await bytesOf(value))).toBe(sha256(bytes.slice(PIECE + 5, 2 * PIECE + 5)));
	expect(done).toBe(false);
	expect((await source.slice(3 * PIECE - 1, 4 * PIECE)).done).toBe(true);
});

test('what a crash interrupted is found at the next start, whole up to its last slice, with its hash', async () => {
	const slices = [noise(1000), noise(2500), noise(10)];
	const name = await interrupted(slices);
	expect(await files.find(name)).toBeUndefined();

	expect(await files.mend()).toEqual([name]);

	const all = new Uint8Array(await new Blob(slices).arrayBuffer());
	const kept = (await files.find(name))!;
	expect(kept.sha256).toBe(sha256(all));
	expect(kept.interrupted).toBe(true);
	expect(await bytesOf(await kept.blob())).toEqual(all);
	expect(await files.mend()).toEqual([]);
});

test('a piece that was torn by a power cut ends the file there, and what lies before it is kept', async () => {
	const name = await interrupted([noise(1000), noise(2500)]);
	await database.pieces.update([name, 1000], { bytes: new Uint8Array(40) });

	await files.mend();

	const kept = (await files.find(name))!;
	expect(kept.size).toBe(1000);
	expect(kept.sha256).toBe(sha256(noise(1000)));
	expect(await bytesOf(await kept.blob())).toEqual(noise(1000));
});

test('bytes that this phone can open no more stay for whoever can', async () => {
	const name = await interrupted([noise(100)]);
	const shut = await Files.open(database, { ...VAULT, open: () => Promise.reject(new Error('key destroyed')) });

	expect(await shut.mend()).toEqual([]);

	expect(await database.pieces.count()).toBe(1);
	expect(await files.mend()).toEqual([name]);
});

test('a recording that never wrote anything leaves nothing behind', async () => {
	const name = await interrupted([]);

	expect(await files.mend()).toEqual([]);
	expect(await database.files.get(name)).toBeUndefined();
});

test('a photo that does not fit is told, leaves nothing, and harms nothing that was kept before', async () => {
	const before = await files.keep(AT, new Blob([noise(500)]));
	database.pieces.hook('creating', (_, row) => {
		if (row.number > 0) throw new DOMException('full', 'QuotaExceededError');
	});

	await expect(files.keep(AT, new Blob([noise(PIECE + 1)]))).rejects.toThrow('full');

	expect(await database.files.count()).toBe(1);
	expect(await database.pieces.count()).toBe(1);
	expect(await bytesOf(await before.blob())).toEqual(noise(500));
});

test('when a recording filled the phone, photos still fit: the reserve is let go of for them alone', async () => {
	await files.reserve.hold();
	await files.reserve.hold();
	let free = 500;
	database.pieces.hook('creating', (_, row) => {
		if (row.size > free) throw new DOMException('full', 'QuotaExceededError');
		free -= row.size;
	});
	database.pieces.hook('deleting', (_, row) => void (free += row.size));
	expect(await database.pieces.count()).toBe(24);

	const film = await files.begin({ ...AT, type: 'video/webm' });
	await expect(film.append(new Blob([noise(501)]))).rejects.toThrow('full');
	const photo = await files.keep(AT, new Blob([noise(3000)]));

	expect(sha256(await bytesOf(await photo.blob()))).toBe(sha256(noise(3000)));
	expect((await database.pieces.toArray()).map((row) => row.name)).toEqual([photo.name]);
	free = 0;
	await expect(files.keep(AT, new Blob([noise(1)]))).rejects.toThrow('full');
});

test('what is typed finds room in the reserve, too, and what else goes wrong costs it nothing', async () => {
	await files.reserve.hold();
	database.drafts.hook('creating', () => {
		throw new TypeError('broken');
	});
	const draft = { record: 'r1', task: 't', form: 'f', version: '1', definition: '', parents: [], beganAt: '', savedAt: '', xml: null };
	const write = () => database.transaction('rw', database.drafts, () => database.drafts.put(draft));
	await expect(files.withRoom(write)).rejects.toThrow('broken');
	expect(await database.pieces.count()).toBe(24);

	let isFull = true;
	database.told.hook('creating', () => {
		if (isFull) throw new DOMException('full', 'QuotaExceededError');
	});
	database.pieces.hook('deleting', () => void (isFull = false));
	await files.withRoom(() => database.transaction('rw', database.told, () => database.told.put({ name: 'typed-r1', value: 'half a wor' })));
	expect((await database.told.get('typed-r1'))?.value).toBe('half a wor');
	expect(await database.pieces.count()).toBe(0);
});

test('a recording that runs out of room is whole up to there', async () => {
	const writing = await files.begin(AT);
	await writing.append(new Blob([noise(800)]));
	database.pieces.hook('creating', () => {
		throw new DOMException('full', 'QuotaExceededError');
	});

	await expect(writing.append(new Blob([noise(900)]))).rejects.toThrow('full');
	await expect(writing.append(new Blob([noise(5)]))).rejects.toThrow('full');
	const kept = await writing.finish();

	expect(kept.sha256).toBe(sha256(noise(800)));
});

test('only what neither a draft nor an operation names is swept, and only after its fortnight', async () => {
	const of = (record: string, bytes: number) => files.keep({ ...AT, record }, new Blob([noise(bytes)]));
	const [drafted, sealed, forgotten, fresh] = [await of('r1', 11), await of('r2', 12), await of('r3', 13), await of('r3', 14)];
	const recording = await files.begin({ ...AT, record: 'r4' });
	await recording.append(new Blob([noise(15)]));
	await database.pieces.add({ name: 'of no row', number: 0, size: 3, bytes: new Uint8Array(5) });
	for (const name of [drafted!.name, sealed!.name, forgotten!.name]) {
		await database.files.update(name, { began: '2026-01-01T00:00:00.000Z' } satisfies Partial<FileRow>);
	}
	const op = { media: [sealed!.sha256] } as unknown as PhoneState['ops'][number];

	await tidy(files, () => ({ ...NEW_PHONE, drafts: new Map([['r1', 't1']]), ops: [op] }));

	const left = new Set((await database.files.toArray()).map((row) => row.name));
	expect(left).toEqual(new Set([drafted!.name, sealed!.name, fresh!.name, recording.name]));
	expect(new Set((await database.pieces.toArray()).map((row) => row.name))).toEqual(left);
});

test('arrived files that the outbox lets go of are dropped with all their bytes', async () => {
	const gone = await files.keep(AT, new Blob([noise(100)]));
	const stays = await files.keep(AT, new Blob([noise(200)]));

	await files.drop([gone.sha256]);

	expect(await files.find(gone.name)).toBeUndefined();
	expect((await files.ofRecord('r1')).map((file) => file.name)).toEqual([stays.name]);
	expect(await database.pieces.count()).toBe(1);
});
