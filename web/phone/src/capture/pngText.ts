/** Text that travels inside of a PNG (an iTXt chunk), so that it can't be parted from the picture. */
import { crc32 } from 'hash-wasm';

const END = 12; // bytes of the last chunk, before which others may stand

/** A PNG with a text under a keyword of Latin letters. */
export async function withText(png: Blob, keyword: string, text: string): Promise<Blob> {
	const content = new TextEncoder().encode(`iTXt${keyword}\0\0\0\0\0${text}`);
	const chunk = new Uint8Array(content.length + 8);
	const view = new DataView(chunk.buffer);
	view.setUint32(0, content.length - 4);
	chunk.set(content, 4);
	view.setUint32(chunk.length - 4, parseInt(await crc32(content), 16));
	return new Blob([png.slice(0, png.size - END), chunk, png.slice(png.size - END)], { type: 'image/png' });
}
