/**
 * The data key, wrapped also to the organisation's public key: a forgotten PIN or a phone that was taken out of use
 * loses nothing (docs/protocol.md, "The organisation's key"; `sync/escrow.py` opens it).
 */
import { keyId } from './device';

const CURVE = { name: 'ECDH', namedCurve: 'P-256' } as const;

export interface ForOrganisation {
	/** The name of the organisation's key, `k:…`. */
	readonly key: string;
	/** The ephemeral public point (65 bytes), then the key under AES-256-GCM (48). */
	readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Wraps 32 bytes so that only the organisation opens them, and only for this person on this device. */
export async function wrapForOrganisation(
	secret: Uint8Array<ArrayBuffer>,
	jwk: JsonWebKey,
	person: string,
	device: string,
): Promise<ForOrganisation> {
	const theirs = await crypto.subtle.importKey('jwk', { kty: 'EC', crv: 'P-256', x: jwk.x!, y: jwk.y! }, CURVE, true, []);
	const ours = await crypto.subtle.generateKey(CURVE, false, ['deriveBits']);
	const point = new Uint8Array(await crypto.subtle.exportKey('raw', ours.publicKey));
	const shared = await crypto.subtle.deriveBits({ name: 'ECDH', public: theirs }, ours.privateKey, 256);
	const info = new TextEncoder().encode(['MERESTONE1', 'vault', person, device].join('\0'));
	const base = await crypto.subtle.importKey('raw', shared, 'HKDF', false, ['deriveBits']);
	const made = new Uint8Array(await crypto.subtle.deriveBits({ name: 'HKDF', hash: 'SHA-256', salt: point, info }, base, 44 * 8));
	const key = await crypto.subtle.importKey('raw', made.slice(0, 32), 'AES-GCM', false, ['encrypt']);
	const wrapped = await crypto.subtle.encrypt({ name: 'AES-GCM', iv: made.slice(32) }, key, secret);
	const bytes = new Uint8Array(point.length + wrapped.byteLength);
	bytes.set(point);
	bytes.set(new Uint8Array(wrapped), point.length);
	return { key: await keyId(jwk), bytes };
}
