/**
 * Room that recordings can't use, so that photos, signatures, what is typed and what is synced still fit when a recording
 * filled the phone.
 *
 * It is really written: what a browser tells of its quota is not what it has (Chromium always tells of 10 GiB more).
 */
import type { Place } from './places';
import { PIECE } from './writing';

/** Under which name its bytes lie; no captured file is called so. */
export const RESERVE = 'reserve';

const PIECES = 24; // some photos and signatures

export class Reserve {
	constructor(private readonly place: Place) {}

	/** Takes what is missing of it; rejects with QuotaExceededError when there is no room. */
	async hold(): Promise<void> {
		const held = await this.place.pieces(RESERVE);
		try {
			for (let number = held.length; number < PIECES; number += 1) {
				await this.place.append(RESERVE, { at: number * PIECE, size: PIECE }, new Uint8Array(PIECE).fill(number + 1));
			}
		} finally {
			await this.place.close(RESERVE);
		}
	}

	/** Gives the room back; says whether there was any. */
	async letGo(): Promise<boolean> {
		const isHeld = (await this.place.pieces(RESERVE)).length > 0;
		await this.place.remove(RESERVE);
		return isHeld;
	}
}
