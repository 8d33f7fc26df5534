/** 常用语: an inspector's own lie sealed, and another person on the phone has others. */
import 'fake-indexeddb/auto';
import { expect, test, vi } from 'vitest';

const CLEAR = { situation: { added: ['宏远矿业的负责人不在场。'], removed: [] } };
const kept = new Map([['phrases', JSON.stringify(CLEAR)]]);
vi.stubGlobal('localStorage', {
	getItem: (name: string) => kept.get(name) ?? null,
	setItem: (name: string, value: string) => void kept.set(name, value),
	removeItem: (name: string) => void kept.delete(name),
});
const { openDatabase } = await import('../src/keeping/database');
const { addPhrase, openPhrases, phrasesFor, removePhrase } = await import('../src/forms/phrases');
const { choosePin, enterVault, isSealed, leaveVault, vault } = await import('../src/keeping/vault');

async function enter(person: string) {
	leaveVault();
	const entered = enterVault(person);
	await expect.poll(() => vault.stands).toBe('unset');
	await choosePin('270418');
	await entered;
	const database = openDatabase(person);
	await openPhrases(database);
	return database;
}

test('phrases that an older version kept in clear are sealed, go on, and are one person’s', async () => {
	const database = await enter('phrases-1');
	expect(kept.size).toBe(0);
	expect(phrasesFor('/data/situation')[0]).toBe('宏远矿业的负责人不在场。');

	await Promise.all([addPhrase('/data/situation', '道路泥泞。'), removePhrase('/data/rows[2]/situation', '宏远矿业的负责人不在场。')]);
	const sealed = (await database.told.get('phrases'))!.value as Uint8Array;
	expect(isSealed(sealed)).toBe(true);
	await openPhrases(database);
	expect(phrasesFor('/data/situation').slice(0, 2)).toEqual(['道路泥泞。', '经现场检查，未发现违法违规行为。']);

	await enter('phrases-2');
	expect(phrasesFor('/data/situation')[0]).toBe('经现场检查，未发现违法违规行为。');
});
