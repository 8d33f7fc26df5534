/** What a camera wrote about a photo (EXIF), carried over when the photo has to be made smaller. */

const START = 0xd8;
const EXIF_SEGMENT = 0xe1;
const SCAN = 0xda;
const ORIENTATION = 0x0112;
const EXIF = [0x45, 0x78, 0x69, 0x66, 0, 0]; // "Exif", NUL, NUL

/** The EXIF segment of a JPEG with its marker; null where there is none. */
export function exifOf(jpeg: Uint8Array): Uint8Array<ArrayBuffer> | null {
	if (jpeg[0] !== 0xff || jpeg[1] !== START) return null;
	for (let at = 2; at + 4 < jpeg.length && jpeg[at] === 0xff && jpeg[at + 1] !== SCAN; ) {
		const length = 2 + ((jpeg[at + 2]! << 8) | jpeg[at + 3]!);
		const isExif = jpeg[at + 1] === EXIF_SEGMENT && EXIF.every((byte, index) => jpeg[at + 4 + index] === byte);
		if (isExif) return jpeg.slice(at, at + length);
		at += length;
	}
	return null;
}

/** A JPEG with another's EXIF; the picture itself is upright by now, and the EXIF says so. */
export function withExif(jpeg: Uint8Array<ArrayBuffer>, exif: Uint8Array<ArrayBuffer>): Blob {
	const upright = turnedUpright(exif);
	return new Blob([jpeg.subarray(0, 2), upright, jpeg.subarray(2)], { type: 'image/jpeg' });
}

function turnedUpright(exif: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
	const copy = exif.slice();
	const tiff = new DataView(copy.buffer, 10);
	const isLittle = tiff.getUint16(0) === 0x4949;
	try {
		const directory = tiff.getUint32(4, isLittle);
		for (let entry = 0; entry < tiff.getUint16(directory, isLittle); entry += 1) {
			const at = directory + 2 + 12 * entry;
			if (tiff.getUint16(at, isLittle) === ORIENTATION) tiff.setUint16(at + 8, 1, isLittle);
		}
	} catch (error) {
		if (!(error instanceof RangeError)) throw error; // An EXIF that points outside of itself stays as it is.
	}
	return copy;
}
