/** The door: a session outlives a reply that was lost. */
import { afterEach, expect, test, vi } from 'vitest';
import { Door, Unreached, type Session } from '../src/wire/door';

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
