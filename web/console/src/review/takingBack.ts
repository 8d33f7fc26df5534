/**
 * Decisions that can be taken back for ten seconds. Until then the server knows nothing of them: nothing has to be undone
 * there, and no phone has heard of it. A page that goes away sends them at once.
 */
import { computed, shallowRef } from 'vue';
import { wordsOf } from '../wire/acting';
import { post } from '../wire/door';

/** Milliseconds in which a decision can be taken back. */
export const GRACE = 10_000;

export interface Deciding {
	/** `rev`: the version that was looked at. What came since is not decided on unseen: the server refuses. */
	readonly records: readonly { readonly id: string; readonly name: string; readonly rev: string }[];
	readonly what: 'accept' | 'return';
	readonly body?: object | undefined;
	readonly ends: number;
	readonly timer: number;
}

export interface Failure {
	readonly name: string;
	readonly why: string;
}

export const waiting = shallowRef<readonly Deciding[]>([]);
export const failures = shallowRef<readonly Failure[]>([]);
const sent = shallowRef<ReadonlySet<string>>(new Set());
const held = computed(() => new Set([...waiting.value.flatMap((each) => each.records.map(({ id }) => id)), ...sent.value]));

/** Whether a record was decided on here, and is not to be seen in the queue. */
export function isDeciding(id: string): boolean {
	return held.value.has(id);
}

export function decide(records: Deciding['records'], what: Deciding['what'], body?: object): void {
	const made: Deciding = {
		records,
		what,
		body,
		ends: Date.now() + GRACE,
		timer: window.setTimeout(() => void send(made), GRACE),
	};
	waiting.value = [...waiting.value, made];
}

/** Takes the last decision back; gives the records that are in the queue again. */
export function takeBack(which: Deciding | undefined = waiting.value.at(-1)): readonly string[] {
	if (!which || !waiting.value.includes(which)) return [];
	window.clearTimeout(which.timer);
	waiting.value = waiting.value.filter((each) => each !== which);
	return which.records.map(({ id }) => id);
}

async function send(made: Deciding, isLeaving = false): Promise<void> {
	window.clearTimeout(made.timer);
	sent.value = new Set([...sent.value, ...made.records.map(({ id }) => id)]);
	waiting.value = waiting.value.filter((each) => each !== made);
	await Promise.all(made.records.map((record) => sendOne(made, record, isLeaving)));
}

async function sendOne(made: Deciding, { id, name, rev }: Deciding['records'][number], isLeaving: boolean): Promise<void> {
	try {
		await post(`records/${id}/${made.what}`, { ...made.body, rev }, isLeaving);
	} catch (error) {
		// It stands in the queue again, with why it could not be.
		sent.value = new Set([...sent.value].filter((each) => each !== id));
		failures.value = [...failures.value, { name, why: wordsOf(error as Error) }];
	}
}

/** Sends what waits, at once: somebody signs out, or the page goes away. */
export function sendNow(isLeaving = false): Promise<unknown> {
	return Promise.all(waiting.value.map((each) => send(each, isLeaving)));
}

/** What came of decisions is in a queue that was read after them. */
export function forgetSent(): void {
	sent.value = new Set();
}

window.addEventListener('pagehide', () => void sendNow(true));
