/** The reducer's state on the disk: what is small in one row, each sealed operation in a row of its own. */
import { NEW_PHONE, type PhoneState } from '../../../sync/phoneState.ts';
import { stateAsJson, stateFromJson } from '../../../sync/phoneStorage.ts';
import type { SealedOp } from '../../../sync/sealing.ts';
import type { Database } from './database';

export class StateStore {
	/** What lies on the disk, by identity: states share what did not change. */
	private kept: ReadonlyMap<string, SealedOp> = new Map();

	constructor(private readonly database: Database) {}

	async read(): Promise<PhoneState> {
		const row = await this.database.state.get('phone');
		if (row === undefined) return NEW_PHONE;
		const ops = await this.database.ops.orderBy('place').toArray();
		const state = stateFromJson({ ...JSON.parse(row.json), ops: ops.map((each) => JSON.parse(each.json)) });
		this.kept = new Map(state.ops.map((op) => [op.op, op]));
		return state;
	}

	/** Writes a state; `beside` is written in the same transaction, or nothing is (R6). */
	async write(state: PhoneState, beside: () => Promise<void> = async () => {}): Promise<void> {
		const ops = new Map(state.ops.map((op) => [op.op, op]));
		const gone = [...this.kept.keys()].filter((op) => !ops.has(op));
		const fresh = state.ops.flatMap((op, place) =>
			this.kept.get(op.op) === op ? [] : [{ op: op.op, place, json: JSON.stringify(op) }],
		);
		const json = JSON.stringify({ ...stateAsJson(state), ops: [] });
		await this.database.transaction('rw', this.database.tables, async () => {
			await this.database.ops.bulkDelete(gone);
			await this.database.ops.bulkPut(fresh);
			await this.database.state.put({ name: 'phone', json });
			await beside();
		});
		this.kept = ops;
	}
}
