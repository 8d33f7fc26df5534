/**
 * From what a person types to a key: Argon2id, in a worker so that the page does not freeze meanwhile.
 *
 * 32 MiB and 3 rounds: above what OWASP asks for (19 MiB, 2 rounds), and about two seconds on a cheap phone. The numbers
 * lie beside each wrapped key, so that they can be raised without locking anybody out.
 */
import { argon2id } from 'hash-wasm';

export const SHORTEST = 6;

export interface Stretching {
	readonly salt: Uint8Array<ArrayBuffer>;
	/** In KiB. */
	readonly memory: number;
	readonly rounds: number;
}

export function newStretching(): Stretching {
	return { salt: crypto.getRandomValues(new Uint8Array(16)), memory: 32 * 1024, rounds: 3 };
}

/** Stretches a PIN to 32 bytes on this thread. */
export async function stretch(pin: string, { salt, memory, rounds }: Stretching): Promise<Uint8Array<ArrayBuffer>> {
	const options = { password: pin.normalize('NFKC'), salt, memorySize: memory, iterations: rounds, parallelism: 1, hashLength: 32 };
	return new Uint8Array(await argon2id({ ...options, outputType: 'binary' }));
}

/** Makes the key that a PIN's data key is wrapped with. */
export async function keyOfPin(pin: string, stretching: Stretching): Promise<CryptoKey> {
	const bytes = typeof Worker === 'undefined' ? await stretch(pin, stretching) : await stretchedBeside(pin, stretching);
	return crypto.subtle.importKey('raw', bytes, 'AES-GCM', false, ['wrapKey', 'unwrapKey']);
}

function stretchedBeside(pin: string, stretching: Stretching): Promise<Uint8Array<ArrayBuffer>> {
	const worker = new Worker(new URL('./pinWorker.ts', import.meta.url), { type: 'module' });
	return new Promise<Uint8Array<ArrayBuffer>>((resolve, reject) => {
		worker.onmessage = ({ data }: MessageEvent<Uint8Array<ArrayBuffer>>) => resolve(data);
		worker.onerror = (event) => reject(new Error(event.message || 'pinWorker'));
		worker.postMessage({ pin, stretching });
	}).finally(() => worker.terminate());
}

/** Says why a PIN is too easy to guess, as a key of the words; null when it will do. */
export function weaknessOf(pin: string): string | null {
	const plain = pin.normalize('NFKC');
	if (plain.length < SHORTEST) return 'At least 6 digits or characters.';
	if (isRun(plain, 0) || isRun(plain, 1) || isRun(plain, -1)) return 'Too easy to guess: a run such as 123456 or 111111.';
	if ([2, 3].some((period) => [...plain].every((each, place) => each === plain[place % period]))) {
		return 'Too easy to guess: the same few characters again and again.';
	}
	return null;
}

function isRun(text: string, by: number): boolean {
	return [...text].every((_, place) => place === 0 || text.charCodeAt(place) - text.charCodeAt(place - 1) === by);
}
