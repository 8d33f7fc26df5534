/** What is told of a capture beside its bytes: when, where, how. */

/** One reading of the receiver: WGS 84 as it gave it, never shifted. */
export interface Fix {
	readonly latitude: number;
	readonly longitude: number;
	/** Metres, a radius of 68 %; 0 where the receiver claims nothing that can be believed. */
	readonly accuracy: number;
	readonly altitude: number | null;
	readonly at: string;
}

/** Where the camera looked: degrees clockwise from north, and whether north is known for certain. */
export interface Direction {
	readonly degrees: number;
	readonly absolute: boolean;
}

/** What somebody signed: the SHA-256 of the very text that was shown, as UTF-8. */
export interface Signed {
	readonly sha256: string;
}

/** How a file came to be. */
export interface Captured {
	readonly source: 'camera' | 'gallery';
	readonly capturedAt: string;
	readonly mono: number;
	readonly boot: string;
	readonly position: Fix | null;
	readonly direction?: Direction;
	readonly signed?: Signed;
	/** How long a recording is. */
	readonly seconds?: number;
}
