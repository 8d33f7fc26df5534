/** The server's nudges while the application is in front: pull when one comes, and anyway when none does. */
import type { Door } from '../wire/door';
import { alone } from './tabs';

const REST = 30_000; // milliseconds until the stream is opened again
/** Milliseconds without a word, not even that the stream is still there: the line is dead, and nobody told. */
const SILENCE = 90_000;

/** Listens until `signal` ends it, in one tab at a time, the one in front; `pull` is called at each nudge. */
export function listen(name: string, door: Door, pull: () => void, signal: AbortSignal): void {
	void listenOn(name, door, pull, signal);
}

async function listenOn(name: string, door: Door, pull: () => void, signal: AbortSignal): Promise<void> {
	while (!signal.aborted) {
		try {
			if (isInFront()) await alone(`${name}-nudges`, () => read(door, pull, signal), Infinity);
		} catch {
			// A stream ends often, and says nothing by it.
		}
		await rested(signal);
	}
}

function isInFront(): boolean {
	return document.visibilityState === 'visible' && navigator.onLine;
}

/** Resolves after a rest, or as soon as the network or the person is back. */
function rested(signal: AbortSignal): Promise<void> {
	return new Promise((resolve) => {
		const seen = () => isInFront() && over();
		const over = () => {
			clearTimeout(timer);
			removeEventListener('online', over);
			document.removeEventListener('visibilitychange', seen);
			signal.removeEventListener('abort', over);
			resolve();
		};
		const timer = setTimeout(over, REST);
		addEventListener('online', over);
		document.addEventListener('visibilitychange', seen);
		signal.addEventListener('abort', over);
	});
}

/** Reads one stream until it ends, falls silent, or this tab is no longer in front. */
async function read(door: Door, pull: () => void, signal: AbortSignal): Promise<void> {
	const session = await door.session();
	if (session === null || !isInFront()) return;
	const ends = new AbortController();
	const end = () => ends.abort();
	let silent = setTimeout(end, SILENCE);
	const away = () => document.visibilityState !== 'visible' && end();
	document.addEventListener('visibilitychange', away);
	signal.addEventListener('abort', end);
	try {
		const headers = { Authorization: `Bearer ${session.token}`, Accept: 'text/event-stream' };
		const response = await fetch('/api/v1/sync/events', { headers, signal: ends.signal });
		if (!response.ok || response.body === null) return;
		const texts = response.body.pipeThrough(new TextDecoderStream()).getReader();
		let rest = '';
		for (let part = await texts.read(); !part.done; part = await texts.read()) {
			clearTimeout(silent);
			silent = setTimeout(end, SILENCE);
			const lines = (rest + part.value).split('\n');
			rest = lines.pop()!;
			if (lines.some((line) => line.trim() === 'event: pull')) pull();
		}
	} finally {
		clearTimeout(silent);
		document.removeEventListener('visibilitychange', away);
		signal.removeEventListener('abort', end);
	}
}
