/** The forward-only clock of this page's life; times are told with the life they count in. */

/** One life of this page. */
export const BOOT = crypto.randomUUID();

/** Milliseconds since this life began. */
export function mono(): number {
	return Math.round(performance.now());
}

/** How a capture of this moment tells its time. */
export function moment(): { capturedAt: string; mono: number; boot: string } {
	return { capturedAt: new Date().toISOString(), mono: mono(), boot: BOOT };
}
