/** The stream of nudges: one that fell silent is opened anew, and only the tab in front listens. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { listen } from '../src/home/nudges';
import type { Door } from '../src/wire/door';

const door = { session: async () => ({ token: 'good' }) } as unknown as Door;
let page: EventTarget & { visibilityState: string };
let opened: AbortSignal[] = [];
let say: (word: string) => void;

beforeEach(() => {
	vi.useFakeTimers();
	opened = [];
	page = Object.assign(new EventTarget(), { visibilityState: 'visible' });
	const around = new EventTarget();
	vi.stubGlobal('document', page);
	vi.stubGlobal('navigator', { onLine: true });
	vi.stubGlobal('addEventListener', around.addEventListener.bind(around));
	vi.stubGlobal('removeEventListener', around.removeEventListener.bind(around));
	vi.stubGlobal('fetch', async (_: string, { signal }: { signal: AbortSignal }) => {
		opened.push(signal);
		const body = new ReadableStream({
			start: (stream) => {
				say = (word) => stream.enqueue(new TextEncoder().encode(word));
				signal.addEventListener('abort', () => stream.error(signal.reason));
			},
		});
		return new Response(body);
	});
});

afterEach(() => {
	vi.useRealTimers();
	vi.unstubAllGlobals();
});

function shown(state: 'visible' | 'hidden'): void {
	page.visibilityState = state;
	page.dispatchEvent(new Event('visibilitychange'));
}

test('a stream that says nothing any more is opened anew; one that says it is there stays', async () => {
	const ends = new AbortController();
	const pull = vi.fn();
	listen('one', door, pull, ends.signal);
	await vi.advanceTimersByTimeAsync(0);
	say('retry: 5000\nevent: pull\ndata: {}\n\n');
	for (let word = 0; word < 8; word += 1) {
		await vi.advanceTimersByTimeAsync(25_000);
		say(': still here\n\n');
	}
	await vi.advanceTimersByTimeAsync(0);
	expect([opened.length, pull.mock.calls.length]).toEqual([1, 1]);

	await vi.advanceTimersByTimeAsync(180_000);
	expect(opened.length).toBe(2);
	expect(opened[0]!.aborted).toBe(true);
	ends.abort();
});

test('a tab that is no longer in front lets go of the stream, and takes it up when it is back', async () => {
	const ends = new AbortController();
	listen('two', door, () => {}, ends.signal);
	await vi.advanceTimersByTimeAsync(0);
	shown('hidden');
	await vi.advanceTimersByTimeAsync(300_000);
	expect(opened.map((signal) => signal.aborted)).toEqual([true]);

	shown('visible');
	await vi.advanceTimersByTimeAsync(0);
	expect(opened.map((signal) => signal.aborted)).toEqual([true, false]);
	ends.abort();
	await vi.advanceTimersByTimeAsync(0);
	expect(opened[1]!.aborted).toBe(true);
});
