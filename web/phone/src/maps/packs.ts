/**
 * Packs of maps (PMTiles): which are on offer, which are on this phone, and bringing them here.
 *
 * A file's name carries all that is known of it: `{region}~{name}~{etag}`, and an etag begins with the size. A file
 * that is shorter is a download that was cut off. Nothing in a pack is about a person or an inspection.
 */
import { PMTiles, type RangeResponse, type Source } from 'pmtiles';
import { pictures, vectors, type BaseMap } from './mapStyle';
import type { Fetching, Progress } from './packWorker';

const FOLDER = 'maps';
const VECTOR = 1; // the tile type of vectors in PMTiles; all others are pictures

export interface Offer {
	readonly region: string;
	readonly name: string;
	readonly size: number;
	readonly etag: string;
}

export interface Held extends Offer {
	readonly file: string;
	readonly held: number;
}

export interface Maps {
	readonly packs: readonly Offer[];
	readonly online: { readonly name: string; readonly key: string } | null;
}

/** Lists what lies on this phone, whole or in part. */
export async function heldPacks(): Promise<Held[]> {
	const found: Held[] = [];
	for await (const [file, handle] of (await folder()) as unknown as AsyncIterable<[string, FileSystemFileHandle]>) {
		const [region, name, etag] = file.split('~').map(decodeURIComponent);
		if (!region || !name || !etag) continue;
		found.push({ region, name, etag, size: Number(etag.split('-')[0]), file, held: (await handle.getFile()).size });
	}
	return found.sort((one, other) => one.file.localeCompare(other.file));
}

export function isWhole(pack: Held): boolean {
	return pack.held === pack.size;
}

/** Brings a pack here, or the rest of it. Resolves when it is whole; raises when it was cut off or `signal` says so. */
export function bringPack(offer: Offer, token: string, told: (held: number) => void, signal: AbortSignal): Promise<void> {
	const worker = new Worker(new URL('./packWorker.ts', import.meta.url), { type: 'module' });
	const url = `/api/v1/maps/packs/${encodeURIComponent(offer.region)}/${encodeURIComponent(offer.name)}`;
	const fetching: Fetching = { url, token, folder: FOLDER, file: fileName(offer), size: offer.size, etag: offer.etag };
	return new Promise<void>((resolve, reject) => {
		signal.addEventListener('abort', () => reject(signal.reason as Error));
		worker.addEventListener('error', (event) => reject(new Error(event.message)));
		worker.addEventListener('message', ({ data }: MessageEvent<Progress>) => {
			told(data.held);
			if (!data.isOver) return;
			if (data.held === offer.size) resolve();
			else reject(new Error(data.error ?? `${data.held} / ${offer.size}`));
		});
		worker.postMessage(fetching);
	}).finally(() => worker.terminate());
}

export async function dropPack(file: string): Promise<void> {
	await (await folder()).removeEntry(file);
}

/** Opens a pack as a base map; `register` makes its tiles known to the map by their key. */
export async function baseOf(pack: Held, register: (tiles: PMTiles) => void): Promise<BaseMap> {
	const handle = await (await folder()).getFileHandle(pack.file);
	const tiles = new PMTiles(new Lying(`pack${pack.etag}`, await handle.getFile()));
	register(tiles);
	const { tileType, minZoom, maxZoom } = await tiles.getHeader();
	const key = tiles.source.getKey();
	if (tileType !== VECTOR) return pictures(key, 256, minZoom, maxZoom);
	const told = (await tiles.getMetadata()) as { vector_layers?: { id: string }[] };
	return vectors(key, (told.vector_layers ?? []).map((layer) => layer.id), minZoom, maxZoom);
}

/** A pack that lies on this phone. */
class Lying implements Source {
	constructor(
		private readonly key: string,
		private readonly file: File,
	) {}

	getKey(): string {
		return this.key;
	}

	async getBytes(offset: number, length: number): Promise<RangeResponse> {
		return { data: await this.file.slice(offset, offset + length).arrayBuffer() };
	}
}

function fileName({ region, name, etag }: Offer): string {
	return [region, name, etag].map(encodeURIComponent).join('~');
}

async function folder(): Promise<FileSystemDirectoryHandle> {
	return (await navigator.storage.getDirectory()).getDirectoryHandle(FOLDER, { create: true });
}
