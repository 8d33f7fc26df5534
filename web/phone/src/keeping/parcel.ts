/**
 * A parcel: the file of last resort, in which all work that has not arrived is carried to another phone.
 *
 * It begins with "MSX1" and a header in clear (its length in four bytes, then JSON): who packed it, and the parcel's key
 * three times wrapped: by a passphrase, by this phone's vault, and with the vault's own key for the organisation. After it
 * come frames, each its length in four bytes and AES-256-GCM over at most a megabyte; nonce and additional data are
 * their number, so that none can be taken out, put in or moved. The last one says that it is the last.
 */
import { base64, unbase64 } from './device';
import { keyOfPin, newStretching } from './pin';
import { seal, sealedKey } from './vault';

const MAGIC = new TextEncoder().encode('MSX1');
const LENGTH = 4; // bytes of a length
const NONCE = 12;
const LONGEST = 64_000_000; // bytes of a frame, more than any that is written
const JSON_FRAME = 0;
const BYTES_FRAME = 1;

export interface Header {
	readonly format: 1;
	readonly person: string;
	readonly name: string;
	readonly device: string;
	/** By the clock of the phone that packed it. */
	readonly packed_at: string;
	readonly passphrase: { readonly salt: string; readonly memory: number; readonly rounds: number; readonly nonce: string; readonly key: string };
	readonly vault: string;
	readonly organisation: { readonly key: string; readonly bytes: string } | null;
}

export type Frame = { readonly json: unknown } | { readonly bytes: Uint8Array<ArrayBuffer> };

/** It is no parcel, or not all of it. */
export class ParcelBroken extends Error {}
/** The passphrase is another. */
export class WrongPassphrase extends Error {}

/** Writes a parcel, frame by frame; the browser keeps what is written outside of the page's memory. */
export class Packing {
	private number = 0;
	private constructor(
		private readonly key: CryptoKey,
		private readonly parts: Blob[],
	) {}

	static async begin(who: Pick<Header, 'person' | 'name' | 'device'>, passphrase: string): Promise<Packing> {
		const key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, true, ['encrypt', 'decrypt']);
		const stretching = newStretching();
		const nonce = crypto.getRandomValues(new Uint8Array(NONCE));
		const wrapped = await crypto.subtle.wrapKey('raw', key, await keyOfPin(passphrase, stretching), { name: 'AES-GCM', iv: nonce });
		const raw = new Uint8Array(await crypto.subtle.exportKey('raw', key));
		const escrow = await sealedKey();
		const header: Header = {
			...who,
			format: 1,
			packed_at: new Date().toISOString(),
			passphrase: {
				salt: base64(stretching.salt),
				memory: stretching.memory,
				rounds: stretching.rounds,
				nonce: base64(nonce),
				key: base64(new Uint8Array(wrapped)),
			},
			vault: base64(await seal(raw)),
			organisation: escrow && { key: escrow.key, bytes: base64(escrow.bytes) },
		};
		const text = new TextEncoder().encode(JSON.stringify(header));
		return new Packing(key, [new Blob([MAGIC, length(text.length), text])]);
	}

	async json(value: unknown): Promise<void> {
		await this.frame(JSON_FRAME, new TextEncoder().encode(JSON.stringify(value)));
	}

	async bytes(value: Uint8Array<ArrayBuffer>): Promise<void> {
		await this.frame(BYTES_FRAME, value);
	}

	private async frame(kind: number, content: Uint8Array<ArrayBuffer>): Promise<void> {
		const plain = new Uint8Array(content.length + 1);
		plain[0] = kind;
		plain.set(content, 1);
		const sealed = await crypto.subtle.encrypt(numbered(this.number), this.key, plain);
		this.number += 1;
		this.parts.push(new Blob([length(sealed.byteLength), sealed]));
	}

	async finish(): Promise<Blob> {
		await this.json({ end: true });
		return new Blob(this.parts, { type: 'application/octet-stream' });
	}
}

/** Opens a parcel with its passphrase. Raises ParcelBroken and WrongPassphrase. */
export async function openParcel(file: Blob, passphrase: string): Promise<{ header: Header; frames: AsyncGenerator<Frame> }> {
	const { header, at } = await readHeader(file);
	const { salt, memory, rounds, nonce, key: wrapped } = header.passphrase;
	const opening = await keyOfPin(passphrase, { salt: unbase64(salt), memory, rounds });
	let key: CryptoKey;
	try {
		key = await crypto.subtle.unwrapKey('raw', unbase64(wrapped), opening, { name: 'AES-GCM', iv: unbase64(nonce) }, 'AES-GCM', false, ['decrypt']);
	} catch {
		throw new WrongPassphrase();
	}
	return { header, frames: framesOf(file, at, key) };
}

async function readHeader(file: Blob): Promise<{ header: Header; at: number }> {
	const start = MAGIC.length + LENGTH;
	const first = new Uint8Array(await file.slice(0, start).arrayBuffer());
	if (first.length < start || !MAGIC.every((byte, place) => first[place] === byte)) throw new ParcelBroken();
	const size = new DataView(first.buffer).getUint32(MAGIC.length);
	try {
		const header = JSON.parse(await file.slice(start, start + size).text()) as Header;
		if (header.format !== 1) throw new ParcelBroken();
		return { header, at: start + size };
	} catch {
		throw new ParcelBroken();
	}
}

async function* framesOf(file: Blob, start: number, key: CryptoKey): AsyncGenerator<Frame> {
	let at = start;
	for (let number = 0; at < file.size; number += 1) {
		const size = new DataView(await file.slice(at, at + LENGTH).arrayBuffer()).getUint32(0);
		if (size > LONGEST || at + LENGTH + size > file.size) throw new ParcelBroken();
		const sealed = await file.slice(at + LENGTH, at + LENGTH + size).arrayBuffer();
		at += LENGTH + size;
		let plain: Uint8Array<ArrayBuffer>;
		try {
			plain = new Uint8Array(await crypto.subtle.decrypt(numbered(number), key, sealed));
		} catch {
			throw new ParcelBroken();
		}
		if (plain[0] === BYTES_FRAME) {
			yield { bytes: plain.subarray(1) };
			continue;
		}
		const json = JSON.parse(new TextDecoder().decode(plain.subarray(1))) as { end?: boolean };
		if (json.end === true) return;
		yield { json };
	}
	throw new ParcelBroken(); // it was cut off
}

function length(bytes: number): Uint8Array<ArrayBuffer> {
	const four = new Uint8Array(LENGTH);
	new DataView(four.buffer).setUint32(0, bytes);
	return four;
}

function numbered(number: number): AesGcmParams {
	const iv = new Uint8Array(NONCE);
	new DataView(iv.buffer).setUint32(NONCE - LENGTH, number);
	return { name: 'AES-GCM', iv, additionalData: iv };
}
