/** How pieces follow each other in one file on the disk: each with its two lengths before it. */

/** Bytes before each piece: its length before sealing and after, as little-endian 32-bit numbers. */
export const HEAD = 8;

export interface Frame {
	readonly at: number;
	readonly size: number;
	/** Where its sealed bytes lie in the file on the disk. */
	readonly from: number;
	readonly to: number;
}

/** A piece as it is written. */
export function framed(size: number, sealed: Uint8Array): Uint8Array<ArrayBuffer> {
	const bytes = new Uint8Array(HEAD + sealed.length);
	const head = new DataView(bytes.buffer);
	head.setUint32(0, size, true);
	head.setUint32(4, sealed.length, true);
	bytes.set(sealed, HEAD);
	return bytes;
}

/** The pieces of a file that are there whole; what a crash cut off at its end is none of them. */
export async function framesOf(file: Blob): Promise<Frame[]> {
	const frames: Frame[] = [];
	for (let at = 0, from = HEAD; from <= file.size; ) {
		const head = new DataView(await file.slice(from - HEAD, from).arrayBuffer());
		const size = head.getUint32(0, true);
		const to = from + head.getUint32(4, true);
		if (size === 0 || to > file.size) break;
		frames.push({ at, size, from, to });
		at += size;
		from = to + HEAD;
	}
	return frames;
}
