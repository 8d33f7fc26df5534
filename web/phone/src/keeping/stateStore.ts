/**
 * The reducer's state on the disk: what is small in one row, what was pulled in another, each operation of the outbox
 * in a row of its own. A write costs what changed. All of it lies sealed by the vault; what a state is made of is
 * sealed before its transaction begins.
 */
import { NEW_PHONE, type PhoneState } from '../../../sync/phoneState.ts';
import { stateAsJson, stateFromJson } from '../../../sync/phoneStorage.ts';
import type { SealedOp } from '../../../sync/sealing.ts';
import type { View } from '../../../sync/view.ts';
import type { Database } from './database';
import { openJson, sealJson } from './vault';

/** Another tab wrote in between: read its state, and let the event happen to that. */
export class Overtaken extends Error {}

export class StateStore {
	/** What lies on the disk, by identity: states share what did not change. */
	private kept: ReadonlyMap<string, SealedOp> = new Map();
	private view: View | null = null;
	/** Counts the writes of all tabs. */
	private turn = 0;

	constructor(private readonly database: Database) {}

	/** Gives what is on the disk; `held` when that is what this tab read or wrote last. */
	async read(held: PhoneState): Promise<PhoneState> {
		const { state: rows, ops: sealed } = this.database;
		const found = await this.database.transaction('r', rows, sealed, async () => {
			const turn = (await rows.get('turn'))?.turn ?? 0;
			const row = await rows.get('phone');
			if (row === undefined || (turn === this.turn && held !== NEW_PHONE)) return null;
			return { turn, row, view: await rows.get('view'), ops: await sealed.orderBy('place').toArray() };
		});
		if (found === null) return held;
		const body = (await openJson(found.row.sealed)) as Record<string, unknown>;
		if (found.view) body['view'] = await openJson(found.view.sealed);
		const state = stateFromJson({ ...body, ops: await Promise.all(found.ops.map((each) => openJson(each.sealed))) });
		this.turn = found.turn;
		this.kept = new Map(state.ops.map((op) => [op.op, op]));
		this.view = found.view ? state.view : null;
		return state;
	}

	/**
	 * Writes a state; `beside` is written in the same transaction, or nothing is (R6). Raises Overtaken when another
	 * tab wrote since this one last read or wrote.
	 */
	async write(state: PhoneState, beside: () => Promise<void> = async () => {}): Promise<void> {
		const ops = new Map(state.ops.map((op) => [op.op, op]));
		const gone = [...this.kept.keys()].filter((op) => !ops.has(op));
		const places = [...state.ops.entries()].filter(([, op]) => this.kept.get(op.op) !== op);
		const fresh = await Promise.all(places.map(async ([place, op]) => ({ op: op.op, place, sealed: await sealJson(op) })));
		const { view, ...small } = stateAsJson(state);
		const rows = [{ name: 'phone', sealed: await sealJson({ ...small, ops: [] }) }];
		if (state.view !== this.view) rows.push({ name: 'view', sealed: await sealJson(view) });
		const turn = this.turn + 1;
		await this.database.transaction('rw', this.database.tables, async () => {
			const before = (await this.database.state.get('turn'))?.turn ?? 0;
			if (before !== this.turn) throw new Overtaken();
			await this.database.ops.bulkDelete(gone);
			await this.database.ops.bulkPut(fresh);
			await this.database.state.bulkPut([...rows, { name: 'turn', turn }]);
			await beside();
		});
		this.turn = turn;
		this.kept = ops;
		this.view = state.view;
	}
}
