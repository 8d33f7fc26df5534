/** The server's nudges while the application is in front: pull when one comes, and anyway when none does. */
import type { Door } from '../wire/door';
import { alone } from './tabs';

const REST = 30_000; // milliseconds until the stream is opened again

/** Listens until `signal` ends it, in one tab at a time; `pull` is called at each nudge. */
export function listen(name: string, door: Door, pull: () => void, signal: AbortSignal): void {
	void alone(`${name}-nudges`, () => listenOn(door, pull, signal), Infinity).catch(() => undefined);
}

async function listenOn(door: Door, pull: () => void, signal: AbortSignal): Promise<void> {
	while (!signal.aborted) {
		try {
			if (document.visibilityState === 'visible' && navigator.onLine) await read(door, pull, signal);
		} catch {
			// A stream ends often, and says nothing by it.
		}
		await rested(signal);
	}
}

/** Resolves after a rest, or as soon as the network is back. */
function rested(signal: AbortSignal): Promise<void> {
	return new Promise((resolve) => {
		const over = () => {
			clearTimeout(timer);
			removeEventListener('online', over);
			signal.removeEventListener('abort', over);
			resolve();
		};
		const timer = setTimeout(over, REST);
		addEventListener('online', over);
		signal.addEventListener('abort', over);
	});
}

async function read(door: Door, pull: () => void, signal: AbortSignal): Promise<void> {
	const session = await door.session();
	if (session === null) return;
	const headers = { Authorization: `Bearer ${session.token}`, Accept: 'text/event-stream' };
	const response = await fetch('/api/v1/sync/events', { headers, signal });
	if (!response.ok || response.body === null) return;
	const texts = response.body.pipeThrough(new TextDecoderStream()).getReader();
	let rest = '';
	for (let part = await texts.read(); !part.done; part = await texts.read()) {
		const lines = (rest + part.value).split('\n');
		rest = lines.pop()!;
		if (lines.some((line) => line.trim() === 'event: pull')) pull();
	}
}
