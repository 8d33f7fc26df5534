/**
 * What makes this phone itself: its id, and for each person a key that signs and can't be taken out.
 *
 * A browser may pretend to keep a key and give back nothing (private windows, lockdown), so a key counts only when it
 * was written, read again and has signed something that its public half confirms.
 */
import Dexie, { type Table } from 'dexie';

const CURVE = { name: 'ECDSA', namedCurve: 'P-256' } as const;
const SIGNING = { name: 'ECDSA', hash: 'SHA-256' } as const;

class DeviceKeeping extends Dexie {
	device!: Table<{ name: string; id: string }, string>;
	keys!: Table<{ person: string; pair: CryptoKeyPair }, string>;

	constructor() {
		super('merestone-device', { chromeTransactionDurability: 'strict' });
		this.version(1).stores({ device: 'name', keys: 'person' });
	}
}

const database = new DeviceKeeping();

/** This phone's id; made once. */
export async function deviceId(): Promise<string> {
	const kept = await database.device.get('this');
	if (kept !== undefined) return kept.id;
	const id = crypto.randomUUID();
	await database.device.add({ name: 'this', id });
	return id;
}

/** A person's key on this phone, made and proved on first use; null where this browser can't keep one. */
export async function deviceKey(person: string): Promise<CryptoKeyPair | null> {
	try {
		if ((await database.keys.get(person)) === undefined) {
			const made = await crypto.subtle.generateKey(CURVE, false, ['sign', 'verify']);
			await database.keys.put({ person, pair: made });
		}
		const pair = (await database.keys.get(person))?.pair;
		if (pair === undefined) return null;
		const probe = crypto.getRandomValues(new Uint8Array(32));
		const signature = await crypto.subtle.sign(SIGNING, pair.privateKey, probe);
		return (await crypto.subtle.verify(SIGNING, pair.publicKey, signature, probe)) ? pair : null;
	} catch {
		return null;
	}
}

/** Lets go of a person's key; the next one that is asked for is new. */
export async function forgetDeviceKey(person: string): Promise<void> {
	await database.keys.delete(person);
}

/** The public half as a JWK with the three members that the server wants. */
export async function publicJwk(pair: CryptoKeyPair): Promise<JsonWebKey> {
	const { kty, crv, x, y } = await crypto.subtle.exportKey('jwk', pair.publicKey);
	return { kty, crv, x, y };
}

/** The id that the server gives a key: RFC 7638's thumbprint. */
export async function keyId(jwk: JsonWebKey): Promise<string> {
	const text = JSON.stringify({ crv: jwk.crv, kty: jwk.kty, x: jwk.x, y: jwk.y });
	const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)));
	return `k:${base64(hash).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')}`;
}

/** Signs bytes: base64 of r‖s, as the wire has it. */
export async function signed(pair: CryptoKeyPair, bytes: Uint8Array<ArrayBuffer>): Promise<string> {
	const prefix = new TextEncoder().encode('MERESTONE1\0');
	const all = new Uint8Array(prefix.length + bytes.length);
	all.set(prefix);
	all.set(bytes, prefix.length);
	return base64(new Uint8Array(await crypto.subtle.sign(SIGNING, pair.privateKey, all)));
}

export function base64(bytes: Uint8Array): string {
	let text = '';
	for (let start = 0; start < bytes.length; start += 0x8000) {
		text += String.fromCharCode(...bytes.subarray(start, start + 0x8000));
	}
	return btoa(text);
}

export function unbase64(text: string): Uint8Array<ArrayBuffer> {
	return Uint8Array.from(atob(text), (each) => each.charCodeAt(0));
}
