/** The door: a session outlives a reply that was lost. */
import { afterEach, expect, test, vi } from 'vitest';
import { Door, restOf, Unreached, type Session } from '../src/wire/door';

afterEach(() => vi.unstubAllGlobals());

function answered(status: number, body: unknown): Response {
	return new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/json' } });
}

test('a renewal whose reply was lost is asked again with the same token and its proof, and the request goes on', async () => {
	let kept = { token: 'old', refresh_token: 'once' } as Session;
	const door = new Door({
		read: async () => kept,
		keep: async (session) => void (kept = session!),
		alone: (doing) => doing(),
		prove: async (token) => `${token}, signed`,
	});
	const renewals: unknown[] = [];
	vi.stubGlobal('document', { documentElement: { lang: 'zh' } });
	vi.stubGlobal('fetch', async (path: string, { headers, body }: { headers: Record<string, string>; body: string }) => {
		if (!path.endsWith('/refresh')) {
			const isGood = headers['Authorization'] === 'Bearer new';
			return isGood ? answered(200, { done: true }) : answered(401, { code: 'session.expired' });
		}
		renewals.push(JSON.parse(body));
		if (renewals.length === 1) throw new TypeError('network');
		return answered(201, { token: 'new', refresh_token: 'next' });
	});

	await expect(door.ask('GET', '/api/v1/me')).rejects.toThrow(Unreached);
	expect(kept.token).toBe('old');
	expect(await door.ask('GET', '/api/v1/me')).toEqual({ done: true });

	expect(renewals).toEqual(Array(2).fill({ refresh_token: 'once', proof: 'once, signed' }));
	expect(kept.refresh_token).toBe('next');
});

test('what something on the way answers to a renewal takes no session\'s place', async () => {
	let kept = { token: 'old', refresh_token: 'once' } as Session;
	const door = new Door({
		read: async () => kept,
		keep: async (session) => void (kept = session!),
		alone: (doing) => doing(),
		prove: async () => null,
	});
	vi.stubGlobal('document', { documentElement: { lang: 'zh' } });
	vi.stubGlobal('fetch', async (path: string) =>
		path.endsWith('/refresh') ? new Response('<html>请先登录网络</html>') : answered(401, { code: 'session.expired' }),
	);

	await expect(door.ask('GET', '/api/v1/me')).rejects.toThrow(Unreached);
	expect(kept).toEqual({ token: 'old', refresh_token: 'once' });
});

test.each([
	['7', 7000],
	['Fri, 27 Nov 2026 09:00:00 GMT', 0],
	['-3', 0],
	['', 0],
	[null, 0],
])('a rest that is asked for as %j is of %i ms', (header, rest) => {
	expect(restOf(header)).toBe(rest);
});

test('bytes are those of their name, or none came', async () => {
	const door = new Door({
		read: async () => null,
		keep: async () => {},
		alone: (doing) => doing(),
		prove: async () => null,
	});
	vi.stubGlobal('document', { documentElement: { lang: 'zh' } });
	vi.stubGlobal('fetch', async () => new Response('<h:html/>'));

	expect(await door.blob('825b18d5c8a43eb46677dabf48b8c3bb815c9e22366dcff17aaa68e106d03ba3')).toBe('<h:html/>');
	await expect(door.blob('0000000000000000000000000000000000000000000000000000000000000000')).rejects.toThrow(Unreached);
});

test('the more is sent, the longer an answer is waited for', async () => {
	const door = new Door({
		read: async () => null,
		keep: async () => {},
		alone: (doing) => doing(),
		prove: async () => null,
	});
	const waited = vi.spyOn(AbortSignal, 'timeout');
	vi.stubGlobal('document', { documentElement: { lang: 'zh' } });
	vi.stubGlobal('CompressionStream', undefined);
	vi.stubGlobal('fetch', async () => answered(200, {}));
	await door.ask('GET', '/api/v1/me');
	await door.ask('POST', '/api/v1/sync/push', 'x'.repeat(1_000_000));
	expect(waited.mock.calls).toEqual([[120_000], [620_001]]);
	waited.mockRestore();
});

test.each([
	['is read', 200, ['gzip']],
	['is refused for what it says', 422, ['gzip']],
	['comes spoilt', 400, ['gzip', null]],
])('a long body is sent compressed, and as it is where that %s', async (_, status, sent) => {
	const door = new Door({ read: async () => null, keep: async () => {}, alone: (doing) => doing(), prove: async () => null });
	const [short, long] = [{ ops: ['一'] }, { items: Array(400).fill('记录 record') }];
	const came: [string | null, unknown][] = [];
	vi.stubGlobal('document', { documentElement: { lang: 'zh' } });
	vi.stubGlobal('fetch', async (_path: string, { headers, body }: { headers: Record<string, string>; body: BodyInit }) => {
		const coded = headers['Content-Encoding'] ?? null;
		const stream = new Response(body).body!;
		const text = await new Response(coded ? stream.pipeThrough(new DecompressionStream('gzip')) : stream).text();
		came.push([coded, JSON.parse(text)]);
		return coded ? answered(status, { code: 'said' }) : answered(200, {});
	});

	await door.ask('POST', '/api/v1/sync/ops/status', short);
	await door.ask('POST', '/api/v1/sync/push', long).catch((error) => expect(error.status).toBe(status));

	expect(came).toEqual([[null, short], ...sent.map((coded) => [coded, long])]);
});

test('a body is sent as it is where the browser compresses nothing', async () => {
	const door = new Door({ read: async () => null, keep: async () => {}, alone: (doing) => doing(), prove: async () => null });
	const came: unknown[] = [];
	vi.stubGlobal('CompressionStream', undefined);
	vi.stubGlobal('document', { documentElement: { lang: 'zh' } });
	vi.stubGlobal('fetch', async (_path: string, { headers, body }: { headers: Record<string, string>; body: string }) => {
		came.push([headers['Content-Encoding'], body.length]);
		return answered(200, {});
	});
	await door.ask('POST', '/api/v1/sync/push', 'x'.repeat(5000));
	expect(came).toEqual([[undefined, 5002]]);
});
