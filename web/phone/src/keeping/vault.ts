/**
 * The vault: what this phone keeps lies encrypted under a random data key that a person's PIN unlocks.
 *
 * The data key (AES-256-GCM) is kept twice, wrapped by the key of the PIN and wrapped to the organisation's public key,
 * and never bare. Sealed bytes are a header of four bytes, a nonce of twelve, and what AES-GCM gives. Whoever seals or
 * opens while the vault is locked waits until it is open. Await both before an IndexedDB transaction begins: waiting for
 * WebCrypto inside of one ends it.
 */
import Dexie, { type Table } from 'dexie';
import { reactive } from 'vue';
import { deviceId } from './device';
import { wrapForOrganisation, type ForOrganisation } from './escrow';
import { keyOfPin, newStretching, type Stretching } from './pin';

const HEADER = [0x4d, 0x53, 0x56, 1] as const; // "MSV", and the version of what follows
const NONCE = 12;

interface ByPin extends Stretching {
	readonly nonce: Uint8Array<ArrayBuffer>;
	readonly bytes: Uint8Array<ArrayBuffer>;
}

interface VaultRow {
	person: string;
	/** Null once it was destroyed: then only the organisation opens what lies here. */
	byPin: ByPin | null;
	forOrganisation: ForOrganisation | null;
	/** A word sealed with the data key, by which a key that is brought back is known to be the right one. */
	check: Uint8Array<ArrayBuffer>;
	/** Wrong PINs in a row. */
	failures: number;
}

class VaultKeeping extends Dexie {
	vaults!: Table<VaultRow, string>;

	constructor() {
		super('merestone-vault', { chromeTransactionDurability: 'strict' });
		this.version(1).stores({ vaults: 'person' });
	}
}

/** The data key of this person was destroyed on this phone. */
export class KeyDestroyed extends Error {}

/** How the vault of whoever uses this phone stands. `unset`: no PIN was chosen yet. */
export const vault = reactive({
	stands: 'nobody' as 'nobody' | 'unset' | 'locked' | 'open' | 'destroyed',
	person: '',
	failures: 0,
});

const database = new VaultKeeping();
const waiting = new Set<() => void>();
let dataKey: CryptoKey | null = null;
let organisation: JsonWebKey | null = null;

/** Goes to a person's vault, and resolves when it is open. `key`: the organisation's, where the server just told it. */
export async function enterVault(person: string, key: JsonWebKey | null = null): Promise<void> {
	if (vault.person !== person || dataKey === null) {
		dataKey = null;
		vault.person = person;
		const row = await database.vaults.get(person);
		vault.failures = row?.failures ?? 0;
		vault.stands = row === undefined ? 'unset' : row.byPin === null ? 'destroyed' : 'locked';
	}
	organisation = key;
	await untilOpen();
	if (key !== null) await wrapAgain();
}

/** Leaves the vault: somebody signed out. */
export function leaveVault(): void {
	dataKey = null;
	organisation = null;
	Object.assign(vault, { stands: 'nobody', person: '', failures: 0 });
}

/** Sets the PIN: of a new vault, or a new one of an open vault. */
export async function choosePin(pin: string): Promise<void> {
	const key = dataKey ?? (await newDataKey());
	const stretching = newStretching();
	const nonce = crypto.getRandomValues(new Uint8Array(NONCE));
	const wrapped = await crypto.subtle.wrapKey('raw', key, await keyOfPin(pin, stretching), { name: 'AES-GCM', iv: nonce });
	const byPin = { ...stretching, nonce, bytes: new Uint8Array(wrapped) };
	const before = dataKey && (await database.vaults.get(vault.person));
	const check = before?.check ?? (await sealWith(key, new TextEncoder().encode(vault.person)));
	await database.vaults.put({ person: vault.person, byPin, forOrganisation: before?.forOrganisation ?? null, check, failures: 0 });
	dataKey = key;
	vault.failures = 0;
	if (organisation !== null) await wrapAgain();
	opened();
}

/** Unlocks with a PIN; a wrong one is counted, on the disk, and `false` returned. */
export async function unlock(pin: string): Promise<boolean> {
	const row = await database.vaults.get(vault.person);
	if (!row?.byPin) throw new KeyDestroyed();
	await count(row.failures + 1); // before it is tried: a page that is closed meanwhile has tried as well
	const { nonce, bytes } = row.byPin;
	const key = await keyOfPin(pin, row.byPin);
	try {
		dataKey = await crypto.subtle.unwrapKey('raw', bytes, key, { name: 'AES-GCM', iv: nonce }, 'AES-GCM', true, [
			'encrypt',
			'decrypt',
		]);
	} catch {
		return false;
	}
	await count(0);
	opened();
	return true;
}

async function count(failures: number): Promise<void> {
	await database.vaults.update(vault.person, { failures });
	vault.failures = failures;
}

/** Milliseconds to wait before the next try, after so many wrong PINs in a row. */
export function delayAfter(failures: number): number {
	return failures < 4 ? 0 : Math.min(5_000 * 3 ** (failures - 4), 15 * 60_000);
}

/** Locks; nothing is lost, and who seals or opens meanwhile waits. */
export function lock(): void {
	if (vault.stands !== 'open') return;
	dataKey = null;
	vault.stands = 'locked';
}

/** Takes back a data key that the organisation opened; a new PIN has to be chosen. Raises when it is not this vault's. */
export async function takeBack(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
	const key = await crypto.subtle.importKey('raw', bytes, 'AES-GCM', true, ['encrypt', 'decrypt']);
	await openWith(key, (await database.vaults.get(vault.person))!.check);
	dataKey = key;
	vault.stands = 'unset';
}

/** The data key as only the organisation opens it: for a forgotten PIN, and beside an export. */
export async function sealedKey(): Promise<ForOrganisation | null> {
	return (await database.vaults.get(vault.person))?.forOrganisation ?? null;
}

/**
 * Destroys the data key on this phone: this device was blocked. What lies here stays, and only the organisation opens
 * it; where nobody was given the key to, it is kept, because nothing captured may be lost.
 */
export async function destroyKey(): Promise<boolean> {
	if ((await sealedKey()) === null) return false;
	await database.vaults.update(vault.person, { byPin: null });
	dataKey = null;
	vault.stands = 'destroyed';
	wake();
	return true;
}

/** Resolves when the vault is open; raises KeyDestroyed when it never will be. */
export async function untilOpen(): Promise<void> {
	while (dataKey === null || vault.stands !== 'open') {
		if (vault.stands === 'destroyed') throw new KeyDestroyed();
		await new Promise<void>((resolve) => waiting.add(resolve));
	}
}

function opened(): void {
	vault.stands = 'open';
	wake();
}

function wake(): void {
	for (const resolve of waiting) resolve();
	waiting.clear();
}

async function newDataKey(): Promise<CryptoKey> {
	return crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, true, ['encrypt', 'decrypt']);
}

async function wrapAgain(): Promise<void> {
	const raw = new Uint8Array(await crypto.subtle.exportKey('raw', dataKey!));
	const forOrganisation = await wrapForOrganisation(raw, organisation!, vault.person, await deviceId());
	await database.vaults.update(vault.person, { forOrganisation });
}

/** Encrypts bytes for this phone's disk. */
export async function seal(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
	await untilOpen();
	return sealWith(dataKey!, bytes);
}

async function sealWith(key: CryptoKey, bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
	const nonce = crypto.getRandomValues(new Uint8Array(NONCE));
	const made = await crypto.subtle.encrypt(method(nonce), key, bytes);
	const sealed = new Uint8Array(HEADER.length + NONCE + made.byteLength);
	sealed.set(HEADER);
	sealed.set(nonce, HEADER.length);
	sealed.set(new Uint8Array(made), HEADER.length + NONCE);
	return sealed;
}

/** Decrypts what was sealed. Bytes that an older version left in clear come back as they are. */
export async function open(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
	if (!isSealed(bytes)) return bytes;
	await untilOpen();
	return openWith(dataKey!, bytes);
}

async function openWith(key: CryptoKey, sealed: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
	const nonce = sealed.slice(HEADER.length, HEADER.length + NONCE);
	return new Uint8Array(await crypto.subtle.decrypt(method(nonce), key, sealed.slice(HEADER.length + NONCE)));
}

function method(nonce: Uint8Array<ArrayBuffer>): AesGcmParams {
	return { name: 'AES-GCM', iv: nonce, additionalData: new Uint8Array(HEADER) };
}

export function isSealed(bytes: Uint8Array): boolean {
	return HEADER.every((byte, place) => bytes[place] === byte);
}

/** A text as it lies on the disk; plain where an older version left it. */
export type SealedText = Uint8Array<ArrayBuffer> | string;

export async function sealText(text: string): Promise<Uint8Array<ArrayBuffer>> {
	return seal(new TextEncoder().encode(text));
}

export async function openText(sealed: SealedText): Promise<string> {
	return typeof sealed === 'string' ? sealed : new TextDecoder().decode(await open(sealed));
}

export async function sealJson(value: unknown): Promise<Uint8Array<ArrayBuffer>> {
	return sealText(JSON.stringify(value));
}

/** Reads a sealed value; one that an older version left in clear is given back as it is. */
export async function openJson(sealed: unknown): Promise<unknown> {
	return sealed instanceof Uint8Array ? JSON.parse(await openText(sealed as Uint8Array<ArrayBuffer>)) : sealed;
}
