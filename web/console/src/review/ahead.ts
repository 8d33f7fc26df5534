/** The record that comes next is read while somebody looks at the one before it, with the pictures that are seen first. */
import { get } from '../wire/door';
import { addressOf } from './pictures';
import type { Dossier } from './record';

/** Milliseconds for which a record that was read ahead may be shown: what came meanwhile is asked for anew after that. */
const FRESH = 60_000;
/** How many pictures are fetched with it: the first large one, and what the strip shows of them. */
const PICTURES = 12;

let read: { readonly id: string; readonly at: number; readonly dossier: Promise<Dossier>; there?: Dossier } | null = null;

/** Reads a record ahead; a failure is met again by whoever opens it. */
export function readAhead(id: string | undefined): void {
	if (!id || (read?.id === id && Date.now() - read.at < FRESH)) return;
	const dossier = get<Dossier>(`records/${id}`);
	const reading: typeof read = { id, at: Date.now(), dossier };
	read = reading;
	dossier.then((found) => fetchPictures((reading.there = found))).catch(() => undefined);
}

/** Gives a record as it was read ahead, once, or what is on its way; null when it was not asked for, or too long ago. */
export function takeAhead(id: string): Dossier | Promise<Dossier | null> | null {
	const held = read;
	if (held?.id !== id) return null;
	read = null;
	return Date.now() - held.at < FRESH ? (held.there ?? held.dossier.catch(() => null)) : null;
}

async function fetchPictures({ files }: Dossier): Promise<void> {
	const pictures = files.filter(({ sha256, status, type }) => sha256 && type?.startsWith('image/') && (status === 'stored' || status === 'durable'));
	const wanted = pictures.slice(0, PICTURES).map(({ sha256 }) => addressOf(sha256!, 'thumbnail'));
	if (pictures[0]) wanted.unshift(addressOf(pictures[0].sha256!, 'preview'));
	await Promise.allSettled(wanted);
}
