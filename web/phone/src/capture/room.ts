/** How much room there is left on this phone, told in photos and minutes, and what may still begin. */
import { say } from '../texts';

/** What is believed of sizes until this phone knows its own: bytes of a photo, bytes of a second of film and of sound. */
export const BELIEVED: Sizes = { photo: 3_000_000, film: 350_000, sound: 16_000 };

/** What stays for photos, signatures and answers when films may not begin any more: bytes. */
const RESERVE = 150_000_000;
/** Of a small quota the reserve is this share. */
const RESERVED_SHARE = 0.1;

export interface Sizes {
	readonly photo: number;
	readonly film: number;
	readonly sound: number;
}

export interface Room {
	readonly used: number;
	readonly quota: number;
}

export type Warning = 'none' | 'filling' | 'nearlyFull' | 'full';

/** How full this phone's store is; null where the browser doesn't tell. */
export async function roomNow(): Promise<Room | null> {
	const { quota, usage } = (await navigator.storage?.estimate?.()) ?? {};
	return quota ? { used: usage ?? 0, quota } : null;
}

/** Warnings come at 70, 85 and 95 %. */
export function warningOf({ used, quota }: Room): Warning {
	const share = used / quota;
	if (share >= 0.95) return 'full';
	if (share >= 0.85) return 'nearlyFull';
	return share >= 0.7 ? 'filling' : 'none';
}

function reserve({ quota }: Room): number {
	return Math.min(RESERVE, quota * RESERVED_SHARE);
}

/** Whether a film or a sound may begin, or go on: photos and signatures keep their reserve. */
export function mayRecord(room: Room | null): boolean {
	return room === null || room.quota - room.used > reserve(room);
}

/** What there is still room for: photos, or minutes of film, or minutes of sound. */
export function roomFor(room: Room, sizes: Sizes): { photos: number; film: number; sound: number } {
	const free = Math.max(0, room.quota - room.used);
	const forFilms = Math.max(0, free - reserve(room));
	return {
		photos: Math.floor(free / sizes.photo),
		film: Math.floor(forFilms / sizes.film / 60),
		sound: Math.floor(forFilms / sizes.sound / 60),
	};
}

/** The means of what was captured lately on this phone, where there is any. */
export function sizesOf(files: readonly { readonly type: string; readonly size: number; readonly told: { readonly seconds?: number } }[]): Sizes {
	const mean = (kind: string, per: (file: (typeof files)[number]) => number) => {
		const some = files.filter((file) => file.type.startsWith(kind) && per(file) > 0);
		const amount = some.reduce((sum, file) => sum + per(file), 0);
		return amount === 0 ? null : some.reduce((sum, file) => sum + file.size, 0) / amount;
	};
	const seconds = (file: (typeof files)[number]) => file.told.seconds ?? 0;
	return {
		photo: mean('image/', () => 1) ?? BELIEVED.photo,
		film: mean('video/', seconds) ?? BELIEVED.film,
		sound: mean('audio/', seconds) ?? BELIEVED.sound,
	};
}

/** What went wrong in words, and what to do where the phone is full. */
export function toldOf(error: unknown): string {
	const { name, message } = error as Error;
	if (name === 'QuotaExceededError') return say.value('This phone is full. What was kept is safe. Synchronise, then free what has arrived in storage.');
	if (name === 'NotAllowedError') return say.value('The camera or microphone may not be used. Allow it in the settings of the browser.');
	if (name === 'NotFoundError' || name === 'OverconstrainedError') return say.value('There is no camera or microphone here.');
	if (name === 'NotReadableError') return say.value('Another application is using the camera or microphone.');
	return message || String(error);
}
