/**
 * What lies on this phone, taken out as it lies there: for a phone whose PIN is forgotten or whose key was destroyed.
 *
 * Nothing is opened for it. Whoever holds the organisation's private key reads it (`merestone escrow`, docs/restore.md).
 * "MSS1" and a header in clear (its length in four bytes, then JSON) with the data key as only that key opens it. Then
 * rows, each its length in four bytes, JSON, and the sealed parts whose lengths `parts` tells. The last is of kind `end`.
 */
import { base64, deviceId } from './device';
import { openDatabase, type Database, type FileRow } from './database';
import { framesOf } from './frames';
import { isSealed, sealedKey } from './vault';

const MAGIC = new TextEncoder().encode('MSS1');
const LENGTH = 4; // bytes of a length

/** Nobody is handed a session; and previews of what others took are no work of this phone. */
const NOT_WORK = /^session$|^picture /;

type Part = Uint8Array<ArrayBuffer> | Blob;

/** No organisation's key was ever told to this phone: nobody could open what is taken out. */
export class NobodyOpens extends Error {}

/** Takes all of a person's work out of this phone, still sealed. Raises NobodyOpens. */
export async function takeOut(person: string): Promise<Blob> {
	const key = await sealedKey();
	if (key === null) throw new NobodyOpens();
	const organisation = { key: key.key, bytes: base64(key.bytes) };
	const header = { format: 1, person, device: await deviceId(), packed_at: new Date().toISOString(), organisation };
	const parts: BlobPart[] = [MAGIC, ...text(header)];
	const database = openDatabase(person);
	try {
		for await (const [row, sealed] of rowsOf(database)) {
			parts.push(...text({ ...row, parts: sealed.map(sizeOf) }), ...sealed);
		}
	} finally {
		database.close();
	}
	return new Blob([...parts, ...text({ kind: 'end', parts: [] })], { type: 'application/octet-stream' });
}

async function* rowsOf(database: Database): AsyncGenerator<[object, Part[]]> {
	for (const { op, place, sealed } of await database.ops.orderBy('place').toArray()) yield [{ kind: 'op', op, place }, [sealed]];
	for (const { xml, rest, ...head } of await database.drafts.toArray()) {
		if (typeof xml === 'string') continue; // in clear, of a version before the vault: never sealed again, never handed out
		yield [{ kind: 'draft', ...head, has: [xml && 'xml', rest && 'rest'].filter(Boolean) }, [xml, rest].filter((part) => part != null)];
	}
	for (const { name, value } of await database.told.toArray()) {
		if (NOT_WORK.test(name) || !(value instanceof Uint8Array) || !isSealed(value)) continue;
		yield [{ kind: 'told', name }, [value as Uint8Array<ArrayBuffer>]];
	}
	for (const row of await database.files.toArray()) {
		const { told, place: _, ...what } = row;
		yield [{ kind: 'file', ...what }, [told, ...(await piecesOf(database, row))]];
	}
}

/** The sealed pieces of a file, in order; those on the disk are read when the export is written. */
async function piecesOf(database: Database, { name, place }: FileRow): Promise<Part[]> {
	if (place === 'rows') {
		const rows = await database.pieces.where('[name+number]').between([name, 0], [name, Infinity]).toArray();
		return rows.map((row) => new Blob([row.bytes]));
	}
	try {
		const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle(database.name);
		const file = await (await folder.getFileHandle(name)).getFile();
		return (await framesOf(file)).map(({ from, to }) => file.slice(from, to));
	} catch (error) {
		if ((error as Error).name === 'NotFoundError') return [];
		throw error;
	}
}

function sizeOf(part: Part): number {
	return part instanceof Blob ? part.size : part.length;
}

function text(value: object): [Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>] {
	const bytes = new TextEncoder().encode(JSON.stringify(value));
	const length = new Uint8Array(LENGTH);
	new DataView(length.buffer).setUint32(0, bytes.length);
	return [length, bytes];
}
