/** Tokens of the server: receipts and beacons, `base64url(JSON).base64url(r‖s)`, checked before they are believed. */
const SIGNING = { name: 'ECDSA', hash: 'SHA-256' } as const;

function decoded(text: string): Uint8Array<ArrayBuffer> {
	const plain = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
	return Uint8Array.from(plain, (character) => character.charCodeAt(0));
}

/** The moment that a beacon tells, whoever signed it; null where it can't be read. For a clock to look at, never as proof. */
export function momentOf(beacon: string): string | null {
	try {
		const told = JSON.parse(new TextDecoder().decode(decoded(beacon.split('.')[0]!))) as Record<string, unknown>;
		return typeof told['at'] === 'string' ? told['at'] : null;
	} catch {
		return null;
	}
}

/** Gives what a receipt says when one of the server's keys signed it, otherwise null. */
export async function readReceipt(token: string, keys: readonly JsonWebKey[]): Promise<Record<string, unknown> | null> {
	const [payload, signature] = token.split('.');
	if (!payload || !signature) return null;
	try {
		const bytes = decoded(payload);
		const prefix = new TextEncoder().encode('MERESTONE1\0receipt\0');
		const all = new Uint8Array(prefix.length + bytes.length);
		all.set(prefix);
		all.set(bytes, prefix.length);
		for (const jwk of keys) {
			const key = await crypto.subtle.importKey('jwk', jwk, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['verify']);
			if (await crypto.subtle.verify(SIGNING, key, decoded(signature), all)) {
				return JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>;
			}
		}
	} catch {
		return null;
	}
	return null;
}
