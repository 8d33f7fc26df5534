/** What the phone asks for, as requests; and what is answered, as events for the reducer. */
import { backOff } from '../../../sync/phone.ts';
import { kindOf, type AskPull, type Effect, type Kind } from '../../../sync/phoneEffects.ts';
import type { Answers, BucketReplied, DigestReplied, Event, Page } from '../../../sync/phoneEvents.ts';
import { SAFE } from '../../../sync/outcome.ts';
import { Refusal, Unreached, type Door } from './door';
import { momentOf, readReceipt } from './tokens';

const SYNC = '/api/v1/sync';
const TO_THE_REDUCER = [400, 401, 403, 413, 426];
const MOST_HASHES = 500;
const MAY_BE_QUIET = { Prefer: 'return=minimal' };
const QUIET = 204;

/**
 * Asks one thing and gives the events that the answer is. `failures` counts earlier ones of its kind in a row; `heard`
 * is told of a refusal, and of no answer at all.
 */
export async function ask(
	door: Door,
	effect: Effect,
	keys: readonly JsonWebKey[],
	failures: number,
	heard: (error: unknown) => void,
): Promise<Event[]> {
	try {
		return await asked(door, effect, keys);
	} catch (error) {
		if (effect.type === 'DropMedia' || effect.type === 'AskMedia') throw error;
		heard(error);
		return [refused(effect, error, failures)];
	}
}

function refused(effect: Exclude<Effect, { type: 'DropMedia' | 'AskMedia' }>, error: unknown, failures: number): Event {
	const what = kindOf(effect);
	if (!(error instanceof Refusal)) return throttled(what, failures, 0);
	const epoch = String(error.problem['epoch'] ?? '');
	if (error.status === 409 && epoch) return { type: 'EpochRefused', requestEpoch: effect.epoch, epoch };
	if (error.status === 410 && epoch && effect.type === 'AskPull') {
		const reset = error.problem['reset'] as 'epoch' | 'horizon' | 'user';
		return { type: 'PullReset', requestEpoch: effect.epoch, requestCursor: effect.cursor, epoch, reset };
	}
	if (TO_THE_REDUCER.includes(error.status)) {
		const ops = effect.type === 'AskPush' ? effect.ops.map((op) => op.op) : [];
		return { type: 'Refused', requestEpoch: effect.epoch, what, status: error.status, ops };
	}
	return throttled(what, failures, error.retryAfter);
}

function throttled(what: Kind, failures: number, retryAfter: number): Event {
	return { type: 'Throttled', what, until: Date.now() + backOff(failures + 1, Math.random(), retryAfter) };
}

async function asked(door: Door, effect: Effect, keys: readonly JsonWebKey[]): Promise<Event[]> {
	switch (effect.type) {
		case 'AskPull': {
			const cursor = effect.cursor === null ? '' : `?cursor=${encodeURIComponent(effect.cursor)}`;
			const reply = await door.reply('GET', `${SYNC}/pull${cursor}`, undefined, MAY_BE_QUIET);
			const page = reply.status === QUIET ? nothingNew(effect, reply.headers) : answered<Page>(reply.body);
			return [{ type: 'PageArrived', requestEpoch: effect.epoch, requestCursor: effect.cursor, page }];
		}
		case 'AskPush': {
			const body = { epoch: effect.epoch, batch: crypto.randomUUID(), items: effect.ops.map((op) => op.item) };
			const reply = answered<Answers>(await door.ask('POST', `${SYNC}/push`, body));
			return [{ type: 'PushReplied', requestEpoch: effect.epoch, reply: await witnessed(reply, keys) }];
		}
		case 'AskStatus': {
			const reply = answered<Answers>(await door.ask('POST', `${SYNC}/ops/status`, { ops: effect.ops }));
			return [{ type: 'StatusReplied', requestEpoch: effect.epoch, reply: await witnessed(reply, keys) }];
		}
		case 'AskReoffer': {
			const reply = answered<ReofferReply>(await door.ask('POST', `${SYNC}/reoffer`, { revs: effect.revs }));
			return [{ type: 'ReofferReplied', requestEpoch: effect.epoch, ...reply, offered: effect.revs }];
		}
		case 'AskDigest': {
			const { epoch: requestEpoch, cursor: requestCursor } = effect;
			const path = `${SYNC}/digest?cursor=${encodeURIComponent(requestCursor ?? '')}`;
			const reply = answered<DigestReplied['reply']>(await door.ask('GET', path));
			return [{ type: 'DigestReplied', requestEpoch, requestCursor, reply }];
		}
		case 'AskBucket': {
			const { epoch: requestEpoch, cursor: requestCursor, bucket } = effect;
			const path = `${SYNC}/digest/${bucket}?cursor=${encodeURIComponent(requestCursor ?? '')}`;
			const reply = answered<BucketReplied['reply']>(await door.ask('GET', path));
			return [{ type: 'BucketReplied', requestEpoch, requestCursor, bucket, reply }];
		}
		case 'AskMediaStatus': {
			const told: Event[] = [];
			for (let at = 0; at < effect.sha256s.length; at += MOST_HASHES) {
				const given = { sha256: effect.sha256s.slice(at, at + MOST_HASHES) };
				const { epoch, media } = answered<MediaReply>(await door.ask('POST', '/api/v1/media/status', given));
				if (epoch !== effect.epoch) return [{ type: 'EpochRefused', requestEpoch: effect.epoch, epoch }];
				told.push(...Object.entries(media).map(([sha256, state]) => news(sha256, state, effect.epoch)));
			}
			return told;
		}
		default:
			return [];
	}
}

/** Takes an answer of our server, which names its epoch. What else comes with 200 is of something on the way, and no answer. */
function answered<T extends { readonly epoch: string }>(body: unknown): T {
	if (typeof (body as Partial<T> | null)?.epoch !== 'string') throw new Unreached('no answer of the server');
	return body as T;
}

/** The page that an answer without a body stands for: this phone holds everything, and goes on with its cursor. */
function nothingNew({ epoch, cursor }: AskPull, headers: Headers): Page {
	const beacon = headers.get('Beacon');
	if (beacon === null) throw new Unreached('no answer of the server'); // of something on the way, as at a hotel
	const durable = headers.get('Durable-Seq');
	return {
		epoch,
		items: [],
		next: cursor!,
		more: false,
		beacon,
		server_time: momentOf(beacon),
		...(durable === null ? {} : { durable_seq: Number(durable) }),
	};
}

interface ReofferReply {
	readonly epoch: string;
	readonly missing: readonly string[];
}

interface MediaReply {
	readonly epoch: string;
	readonly media: Readonly<Record<string, string>>;
}

function news(sha256: string, state: string, requestEpoch: string): Event {
	const type = state === 'durable' ? 'MediaDurable' : state === 'stored' ? 'MediaStored' : 'MediaAbsent';
	return { type, sha256, requestEpoch };
}

/** Leaves out answers whose receipt the server did not sign: what they are about is not safe. */
async function witnessed(reply: Answers, keys: readonly JsonWebKey[]): Promise<Answers> {
	const items = [];
	for (const answer of reply.items) {
		const told = answer.receipt ? await readReceipt(answer.receipt, keys) : null;
		const holds = told !== null && told['op'] === answer.op && told['content'] === answer.content;
		if (holds || !SAFE.has(answer.outcome)) items.push(answer);
	}
	return { ...reply, items };
}
