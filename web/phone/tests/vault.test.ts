/** The vault: what is sealed opens again with the PIN, and with nothing else. */
import 'fake-indexeddb/auto';
import { beforeEach, expect, test } from 'vitest';
import { weaknessOf } from '../src/keeping/pin';
import * as keeping from '../src/keeping/vault';

const PIN = '270418';
const words = new TextEncoder().encode('现场超出边界');

beforeEach(() => keeping.leaveVault());

async function newVault(person: string): Promise<void> {
	const entered = keeping.enterVault(person);
	await expect.poll(() => keeping.vault.stands).toBe('unset');
	await keeping.choosePin(PIN);
	await entered;
}

test('what is sealed shows nothing of itself and opens again after the PIN', async () => {
	await newVault('a');
	const sealed = await keeping.seal(words);
	expect(keeping.isSealed(sealed)).toBe(true);
	expect(Buffer.from(sealed).includes(Buffer.from(words))).toBe(false);
	expect(await keeping.seal(words)).not.toEqual(sealed);

	keeping.lock();
	const opening = keeping.open(sealed);
	expect(await keeping.unlock('270419')).toBe(false);
	expect(keeping.vault.failures).toBe(1);
	expect(await keeping.unlock(PIN)).toBe(true);
	expect(keeping.vault.failures).toBe(0);
	expect(await opening).toEqual(words);
});

test('bytes that were changed on the disk are refused, and what an older version left in clear is read', async () => {
	await newVault('b');
	const sealed = await keeping.seal(words);
	sealed[sealed.length - 1]! ^= 1;
	await expect(keeping.open(sealed)).rejects.toThrow();
	expect(await keeping.open(words)).toEqual(words);
	expect(await keeping.openText('in clear')).toBe('in clear');
	expect(await keeping.openText(await keeping.sealText('密'))).toBe('密');
	expect(await keeping.openJson(await keeping.sealJson({ a: [1] }))).toEqual({ a: [1] });
	expect(await keeping.openJson({ a: 1 })).toEqual({ a: 1 });
});

test('a new PIN opens what was sealed under the one before', async () => {
	await newVault('c');
	const sealed = await keeping.seal(words);
	await keeping.choosePin('a longer sentence');
	keeping.lock();
	expect(await keeping.unlock(PIN)).toBe(false);
	expect(await keeping.unlock('a longer sentence')).toBe(true);
	expect(await keeping.open(sealed)).toEqual(words);
});

test('the key of another vault is not taken back', async () => {
	await newVault('d');
	keeping.lock();
	await expect(keeping.takeBack(crypto.getRandomValues(new Uint8Array(32)))).rejects.toThrow();
	expect(await keeping.unlock(PIN)).toBe(true);
});

test('a key that nobody else can open is never destroyed', async () => {
	await newVault('e');
	expect(await keeping.destroyKey()).toBe(false);
	keeping.lock();
	expect(await keeping.unlock(PIN)).toBe(true);
});

test('each wrong PIN after the third costs more time, and never more than a quarter of an hour', () => {
	expect([0, 3, 4, 5, 6].map(keeping.delayAfter)).toEqual([0, 0, 5_000, 15_000, 45_000]);
	expect(keeping.delayAfter(50)).toBe(900_000);
});

test('a PIN that anybody would try first is refused', () => {
	for (const pin of ['12345', '123456', '987654', '111111', '121212', '123123']) expect(weaknessOf(pin)).not.toBeNull();
	for (const pin of [PIN, '520613', '雨天带三角架']) expect(weaknessOf(pin)).toBeNull();
});

test('another PIN takes the place of the old one, and what was sealed before opens with it', async () => {
	await newVault('changed');
	const sealed = await keeping.seal(words);
	expect(await keeping.unlock('270419')).toBe(false);
	expect(keeping.vault.stands).toBe('open'); // a slip while changing it locks nobody out
	expect(await keeping.unlock(PIN)).toBe(true);
	await keeping.choosePin('830615');

	keeping.lock();
	expect(await keeping.unlock(PIN)).toBe(false);
	expect(await keeping.unlock('830615')).toBe(true);
	expect(await keeping.open(sealed)).toEqual(words);
});
