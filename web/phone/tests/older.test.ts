/** A phone that worked before there was a vault: its work is there after the update, and not in clear. */
import 'fake-indexeddb/auto';
import { expect, test } from 'vitest';
import { openDatabase } from '../src/keeping/database';
import { openedDraft } from '../src/keeping/draftRows';
import { sealOlder } from '../src/keeping/older';
import { choosePin, enterVault, isSealed, openJson, vault } from '../src/keeping/vault';

const WORDS = '界桩移位';
const HEAD = { record: 'r', task: 't', form: 'f', version: '1', definition: 'd', parents: [], beganAt: '', savedAt: '' };

test('state, outbox and drafts of an older version are sealed once, whole, and read as before', async () => {
	const entered = enterVault('older');
	await expect.poll(() => vault.stands).toBe('unset');
	await choosePin('270418');
	await entered;
	const database = openDatabase('older');
	const older = database as unknown as Record<'state' | 'ops' | 'drafts', { put(row: object): Promise<unknown> }>;
	await older.state.put({ name: 'phone', json: JSON.stringify({ user: WORDS }) });
	await older.state.put({ name: 'turn', json: '7' });
	await older.ops.put({ op: 'o', place: 0, json: JSON.stringify({ op: 'o', text: WORDS }) });
	await older.drafts.put({ ...HEAD, xml: `<data>${WORDS}</data>`, before: WORDS });

	await sealOlder(database);
	await sealOlder(database);

	const rows = [await database.state.toArray(), await database.ops.toArray(), await database.drafts.toArray()];
	expect(JSON.stringify(rows)).not.toContain(WORDS);
	expect(await openJson((await database.state.get('phone'))!.sealed)).toEqual({ user: WORDS });
	expect(isSealed((await database.ops.get('o'))!.sealed)).toBe(true);
	expect((await database.state.get('turn'))!.turn).toBe(7);
	expect(await openJson((await database.ops.get('o'))!.sealed)).toEqual({ op: 'o', text: WORDS });
	expect(await openedDraft((await database.drafts.get('r'))!)).toEqual({ ...HEAD, xml: `<data>${WORDS}</data>`, before: WORDS });
});
