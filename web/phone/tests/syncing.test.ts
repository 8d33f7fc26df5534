/** When a phone wakes by itself. */
import { shallowRef } from 'vue';
import { afterEach, expect, test, vi } from 'vitest';
import { NEW_PHONE } from '../../sync/phoneState.ts';
import type { Home } from '../src/home/home';
import { Syncing } from '../src/home/syncing';

vi.mock('../src/home/metered', () => ({ mayUseData: () => true, whenNetworkChanges: () => {} }));
vi.mock('../src/home/about', () => ({ hearAbout: () => {} }));
vi.mock('../src/home/standing', () => ({ Standing: class {} }));
vi.mock('../src/work/correcting', () => ({}));
vi.mock('../src/work/merging', () => ({}));

afterEach(() => {
	vi.useRealTimers();
	vi.unstubAllGlobals();
});

test('a rest that is over wakes nobody again and again where nobody is signed in any more', async () => {
	vi.useFakeTimers();
	vi.stubGlobal('navigator', { onLine: true });
	vi.stubGlobal('window', globalThis);
	vi.stubGlobal('localStorage', { getItem: () => null, setItem: () => undefined });
	const looked = vi.fn(async () => undefined);
	const state = { ...NEW_PHONE, waits: new Map([['push' as const, Date.now() + 5000]]) };
	const home = { state: shallowRef(state), key: null, database: { name: 'rests', told: { get: looked } } } as unknown as Home;
	await new Syncing(home).sync();
	await vi.advanceTimersByTimeAsync(60_000);
	expect(looked).toHaveBeenCalledTimes(2); // at once, and when the rest was over
});
