/** Asking: an answer that says in few words that nothing is new is a page to the reducer. */
import { expect, test } from 'vitest';
import { kindOf, type Ask, type Effect } from '../../sync/phoneEffects.ts';
import { ask } from '../src/wire/asking';
import { Refusal, Unreached, type Door, type Reply } from '../src/wire/door';

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

test('silence of something on the way is no answer', async () => {
	await expect(pulled({ status: 204, headers: new Headers() })).rejects.toThrow(Unreached);
});

test('a page is taken as it is', async () => {
	const page = { epoch: 'e1', items: [], next: 'c8', more: true };
	const { events } = await pulled({ body: page });
	expect(events).toEqual([{ type: 'PageArrived', requestEpoch: 'e1', requestCursor: 'c7', page }]);
});

/** What comes of an answer to one question, whatever it is. */
async function heardOf(effect: Effect, body: unknown): Promise<unknown[]> {
	const door = { ask: async () => body, reply: async () => ({ status: 200, headers: new Headers(), body }) } as unknown as Door;
	return ask(door, effect, [], 0, () => undefined);
}

const ASKS: Effect[] = [
	{ type: 'AskPull', epoch: 'e1', cursor: 'c7' },
	{ type: 'AskPush', epoch: 'e1', ops: [] },
	{ type: 'AskReoffer', epoch: 'e1', revs: [] },
	{ type: 'AskStatus', epoch: 'e1', ops: [] },
	{ type: 'AskDigest', epoch: 'e1', cursor: 'c7' },
	{ type: 'AskBucket', epoch: 'e1', cursor: 'c7', bucket: 3 },
	{ type: 'AskMediaStatus', epoch: 'e1', sha256s: ['f0'] },
];

test.each(ASKS)('what something on the way says in the server\'s place is no answer to $type, and begins no epoch', async (effect) => {
	for (const body of ['<html>请先登录网络</html>', { code: 0 }, null]) {
		const events = await heardOf(effect, body);
		expect(events).toEqual([{ type: 'Throttled', what: kindOf(effect as Ask), until: expect.any(Number) }]);
	}
});

test('a 410 that names no epoch is no reset', async () => {
	const door = {
		reply: async () => {
			throw new Refusal(410, { title: 'Gone' }, 0);
		},
	} as unknown as Door;
	const events = await ask(door, { type: 'AskPull', epoch: 'e1', cursor: 'c7' }, [], 0, () => undefined);
	expect(events).toEqual([{ type: 'Throttled', what: 'pull', until: expect.any(Number) }]);
});

test('of every file it is asked how the server holds it, however many they are', async () => {
	const sha256s = Array.from({ length: 1001 }, (_, number) => `f${number}`);
	const asked: number[] = [];
	const door = {
		ask: async (_method: string, _path: string, { sha256 }: { sha256: string[] }) => {
			asked.push(sha256.length);
			return { epoch: 'e1', media: Object.fromEntries(sha256.map((each) => [each, 'stored'])) };
		},
	} as unknown as Door;
	const events = await ask(door, { type: 'AskMediaStatus', epoch: 'e1', sha256s }, [], 0, () => undefined);
	expect(asked).toEqual([500, 500, 1]);
	expect(events).toEqual(sha256s.map((sha256) => ({ type: 'MediaStored', sha256, requestEpoch: 'e1' })));
});

test('files of which another epoch tells begin that epoch', async () => {
	const effect: Effect = { type: 'AskMediaStatus', epoch: 'e1', sha256s: ['f0'] };
	const events = await heardOf(effect, { epoch: 'e2', media: { f0: 'absent' } });
	expect(events).toEqual([{ type: 'EpochRefused', requestEpoch: 'e1', epoch: 'e2' }]);
});
