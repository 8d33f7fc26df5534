/** What a version before the vault left in clear: sealed once, before anything is read. */
import type { Database, DraftRow, StoredDraft } from './database';
import { sealedDraft } from './draftRows';
import { sealJson } from './vault';

interface Clear {
	readonly json?: string;
}

/** Seals state, outbox and drafts that lie in clear; all of them or none. Costs one look where there are none. */
export async function sealOlder(database: Database): Promise<void> {
	const { state, ops, drafts } = database;
	const rows = (await state.toArray()).filter((row) => (row as Clear).json !== undefined);
	if (rows.length === 0) return;
	const sealed = await Promise.all(
		rows.map(async ({ name, ...row }) => {
			const { json } = row as Required<Clear>;
			return name === 'turn' ? { name, turn: Number(json) } : { name, sealed: await sealJson(JSON.parse(json)) };
		}),
	);
	const outbox = await Promise.all(
		(await ops.toArray()).map(async ({ op, place, ...row }) => ({
			op,
			place,
			sealed: await sealJson(JSON.parse((row as Clear).json!)),
		})),
	);
	const kept = await Promise.all((await drafts.toArray()).map((row) => sealedDraft(row as StoredDraft & DraftRow)));
	await database.transaction('rw', state, ops, drafts, async () => {
		await state.bulkPut(sealed);
		await ops.bulkPut(outbox);
		await drafts.bulkPut(kept);
	});
}
