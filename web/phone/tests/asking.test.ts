/** Asking: an answer that says in few words that nothing is new is a page to the reducer. */
import { expect, test } from 'vitest';
import { ask } from '../src/wire/asking';
import type { Door, Reply } from '../src/wire/door';

const AT = '2026-11-27T03:04:05.123Z';
const BEACON = `${btoa(JSON.stringify({ at: AT, epoch: 'e1' })).replaceAll('=', '')}.signature`;

async function pulled(reply: Partial<Reply>): Promise<{ events: unknown[]; asked: unknown[] }> {
	const asked: unknown[] = [];
	const door = {
		reply: async (...given: unknown[]) => {
			asked.push(given);
			return { status: 200, headers: new Headers(), body: '', ...reply };
		},
	} as unknown as Door;
	const events = await ask(door, { type: 'AskPull', epoch: 'e1', cursor: 'c7' }, [], 0, (error) => {
		throw error;
	});
	return { events, asked };
}

test('a pull asks for silence, and silence means: go on with this cursor, it is that late', async () => {
	const headers = new Headers({ Beacon: BEACON, 'Durable-Seq': '12' });
	const { events, asked } = await pulled({ status: 204, headers });

	expect(asked).toEqual([['GET', '/api/v1/sync/pull?cursor=c7', undefined, { Prefer: 'return=minimal' }]]);
	const page = { epoch: 'e1', items: [], next: 'c7', more: false, durable_seq: 12, server_time: AT, beacon: BEACON };
	expect(events).toEqual([{ type: 'PageArrived', requestEpoch: 'e1', requestCursor: 'c7', page }]);
});

test('a beacon that cannot be read tells no time, and a head that lacks a number changes none', async () => {
	const { events } = await pulled({ status: 204, headers: new Headers({ Beacon: '###' }) });
	const page = { epoch: 'e1', items: [], next: 'c7', more: false, server_time: null, beacon: '###' };
	expect(events).toEqual([{ type: 'PageArrived', requestEpoch: 'e1', requestCursor: 'c7', page }]);
});

test('a page is taken as it is', async () => {
	const page = { epoch: 'e1', items: [], next: 'c8', more: true };
	const { events } = await pulled({ body: page });
	expect(events).toEqual([{ type: 'PageArrived', requestEpoch: 'e1', requestCursor: 'c7', page }]);
});
