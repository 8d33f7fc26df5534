import { crc32 } from 'node:zlib';
import { expect, test, vi } from 'vitest';
import { fitting } from '../src/capture/camera';
import { exifOf, withExif } from '../src/capture/exif';
import { withText } from '../src/capture/pngText';
import { mayRecord, roomFor, sizesOf, warningOf } from '../src/capture/room';
import { framed, framesOf } from '../src/keeping/frames';

vi.hoisted(() => vi.stubGlobal('localStorage', { getItem: () => null }));

const GB = 1_000_000_000;

/** An EXIF segment that says: turned by 90 degrees (orientation 6), in big-endian numbers. */
const TURNED = [
	0xff, 0xe1, 0, 34, 0x45, 0x78, 0x69, 0x66, 0, 0,
	0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0,
];
const JPEG = Uint8Array.from([0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 2, ...TURNED, 0xff, 0xda, 0, 2, 9, 9, 0xff, 0xd9]);

test('what the camera wrote about a photo goes over to the smaller one, which stands upright', async () => {
	const exif = exifOf(JPEG)!;
	expect([...exif]).toEqual(TURNED);

	const made = new Uint8Array(await withExif(Uint8Array.from([0xff, 0xd8, 0xff, 0xda, 0, 2]), exif).arrayBuffer());

	const upright = [...TURNED];
	upright[29] = 1;
	expect([...made]).toEqual([0xff, 0xd8, ...upright, 0xff, 0xda, 0, 2]);
	expect([...exifOf(made)!]).toEqual(upright);
});

test('a picture without EXIF, or that is no JPEG, has none; one that points outside of itself stays as it is', async () => {
	expect(exifOf(Uint8Array.from([0xff, 0xd8, 0xff, 0xda, 0, 2]))).toBeNull();
	expect(exifOf(Uint8Array.from([0x89, 0x50, 0x4e, 0x47]))).toBeNull();
	const wild = Uint8Array.from(TURNED);
	wild[17] = 200;

	const made = new Uint8Array(await withExif(Uint8Array.from([0xff, 0xd8]), wild).arrayBuffer());
	expect([...made.slice(2)]).toEqual([...wild]);
});

test('a camera is asked for a photo that fits, so that it need not be made smaller', () => {
	expect(fitting(4000, 3000, 3072)).toEqual({ imageWidth: 3072, imageHeight: 2304 });
	expect(fitting(1280, 720, 3072)).toEqual({ imageWidth: 1280, imageHeight: 720 });
	expect(fitting(4000, 3000, null)).toEqual({ imageWidth: 4000, imageHeight: 3000 });
	expect(fitting(0, 0, 3072)).toBeUndefined();
});

test('text stands in a PNG as a chunk of its own before its end, with a checksum that holds', async () => {
	const png = new Blob([Uint8Array.from([1, 2, 3]), new Uint8Array(12).fill(9)]);

	const made = new Uint8Array(await (await withText(png, 'Word', '签名')).arrayBuffer());

	const length = new DataView(made.buffer).getUint32(3);
	const chunk = made.slice(7, 7 + 4 + length);
	expect(new TextDecoder().decode(chunk)).toBe('iTXtWord\0\0\0\0\0签名');
	expect(new DataView(made.buffer).getUint32(7 + chunk.length)).toBe(crc32(chunk));
	expect([...made.slice(7 + chunk.length + 4)]).toEqual(Array(12).fill(9));
});

test('pieces on the disk are found in order, and what a crash cut off is none', async () => {
	const sealed = (size: number) => new Uint8Array(size + 28).fill(size);
	const whole = [framed(5, sealed(5)), framed(7, sealed(7))];

	const frames = await framesOf(new Blob([...whole, framed(9, sealed(9)).slice(0, 20)]));

	expect(frames.map(({ at, size }) => [at, size])).toEqual([[0, 5], [5, 7]]);
	const file = new Blob(whole);
	expect([...new Uint8Array(await file.slice(frames[1]!.from, frames[1]!.to).arrayBuffer())]).toEqual([...sealed(7)]);
	expect(await framesOf(new Blob([new Uint8Array(6)]))).toEqual([]);
});

test('warnings come at 70, 85 and 95 per cent', () => {
	const of = (used: number) => warningOf({ used, quota: 1000 });
	expect([699, 700, 849, 850, 949, 950].map(of)).toEqual(['none', 'filling', 'filling', 'nearlyFull', 'nearlyFull', 'full']);
});

test('films may not use what photos and signatures keep', () => {
	const sizes = { photo: 4_000_000, film: 400_000, sound: 20_000 };
	expect(mayRecord({ used: 9.8 * GB, quota: 10 * GB })).toBe(true);
	expect(mayRecord({ used: 9.9 * GB, quota: 10 * GB })).toBe(false);
	expect(mayRecord({ used: 95, quota: 100 })).toBe(false);
	expect(mayRecord(null)).toBe(true);
	expect(roomFor({ used: 9 * GB, quota: 10 * GB }, sizes)).toEqual({ photos: 250, film: 35, sound: 708 });
	expect(roomFor({ used: 9.9 * GB, quota: 10 * GB }, sizes)).toEqual({ photos: 25, film: 0, sound: 0 });
});

test('what still fits is told by what this phone captured itself', () => {
	const file = (type: string, size: number, seconds?: number) => ({ type, size, told: seconds === undefined ? {} : { seconds } });
	const sizes = sizesOf([file('image/jpeg', 2_000_000), file('image/jpeg', 4_000_000), file('video/mp4', 9_000_000, 30)]);

	expect(sizes).toEqual({ photo: 3_000_000, film: 300_000, sound: 16_000 });
});
