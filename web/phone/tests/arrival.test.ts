import { expect, test } from 'vitest';
import { step } from '../../sync/phone.ts';
import { NEW_PHONE, type PhoneState } from '../../sync/phoneState.ts';
import type { Answer } from '../../sync/outcome.ts';
import type { Event } from '../../sync/phoneEvents.ts';
import type { SealedOp } from '../../sync/sealing.ts';
import { badgeOf, unsafeOf, type Word } from '../src/work/arrival';
import { freeable, recordLines } from '../src/work/dayEnd';
import { reasonsOf, reasonsOfRecord, type Circumstances } from '../src/work/reasons';
import { SYNC } from '../src/words/sync';

const PHOTO = 'a'.repeat(64);
const FILM = 'b'.repeat(64);
const NOTHING: Circumstances = { online: true, sent: {}, missing: [], held: false, heard: {}, clockOffset: 0, now: 1_000_000 };
const DRAFT = { record: 'r', task: 't', form: 'f', version: '1', definition: 'd', xml: null, parents: [], beganAt: '', savedAt: '' };

const REVISION = {
	form: 'f',
	media: [
		{ name: 'p.jpg', sha256: PHOTO, size: 1000, type: 'image/jpeg' },
		{ name: 'f.mp4', sha256: FILM, size: 3000, type: 'video/mp4' },
	],
};
const OP: SealedOp = {
	op: 'o',
	kind: 'revision',
	rev: 'sha256:1',
	content: 'sha256:1',
	item: { op: 'o', kind: 'revision', rev: 'sha256:1', bytes: btoa(JSON.stringify(REVISION)) },
	record: 'r',
	task: 't',
	media: [PHOTO, FILM],
	ours: true,
};

function after(...events: Event[]): PhoneState {
	return events.reduce((state, event) => step(state, event)[0], NEW_PHONE);
}

const SIGNED_IN: Event = { type: 'LoggedIn', user: 'u', epoch: 'e1', limits: null };
const SEALED: Event = { type: 'Sealed', op: OP };

function answered(answer: Partial<Answer> = {}): Event {
	const item = { op: 'o', outcome: 'accepted', content: 'sha256:1', seq: 7, ...answer };
	return { type: 'PushReplied', requestEpoch: 'e1', reply: { epoch: 'e1', items: [item] } };
}

function stored(sha256: string): Event {
	return { type: 'MediaStored', sha256, requestEpoch: 'e1' };
}

function told(body: object): Event {
	const item = { op: 'put', kind: 'record', id: 'r', n: 9, body: { task: 't', form: 'f', heads: [], ...body } } as const;
	return { type: 'PageArrived', requestEpoch: 'e1', requestCursor: null, page: { epoch: 'e1', items: [item], next: 'c', more: false } };
}

/** What the phone says; what has no words in Chinese is empty. */
function inChinese(text: string, values: Readonly<Record<string, string | number>>): string {
	return Object.entries(values).reduce((said, [name, value]) => said.replace(`{${name}}`, String(value)), SYNC[text] ?? '');
}

const ALL = [SIGNED_IN, SEALED, answered(), stored(PHOTO), stored(FILM)];

test.each<[string, PhoneState, readonly (typeof DRAFT)[], Partial<Circumstances>, Word, number | null]>([
	['somebody works on it', after(SIGNED_IN), [DRAFT], {}, 'Draft', null],
	['it is sealed', after(SIGNED_IN, SEALED), [], {}, 'Waiting', null],
	['it is sealed, although files went ahead', after(SIGNED_IN, SEALED, stored(PHOTO), stored(FILM)), [], {}, 'Waiting', null],
	['it has a receipt and no file has', after(SIGNED_IN, SEALED, answered()), [], {}, 'Waiting', null],
	['a file is under way', after(SIGNED_IN, SEALED, answered(), stored(PHOTO)), [], { sent: { [FILM]: 1000 } }, 'Sending', 50],
	['all bytes have gone and the server has not said so', after(SIGNED_IN, SEALED, answered(), stored(PHOTO)), [], { sent: { [FILM]: 3000 } }, 'Sending', 99],
	['receipt and files are there', after(...ALL), [], {}, 'Arrived', null],
	['another epoch began and nothing is confirmed', after(...ALL, { type: 'EpochRefused', requestEpoch: 'e1', epoch: 'e2' }), [], {}, 'Waiting', null],
	['the reviewer sent it back', after(...ALL, told({ state: 'returned' })), [], {}, 'Returned', null],
	['two phones changed it', after(...ALL, told({ state: 'conflicted' })), [], {}, 'Needs attention', null],
	['the server put it aside', after(SIGNED_IN, SEALED, answered({ outcome: 'quarantined', reason: 'task.unknown' })), [], {}, 'Needs attention', null],
	[
		'it was put aside and is admitted',
		after(SIGNED_IN, SEALED, answered({ outcome: 'quarantined' }), stored(PHOTO), stored(FILM), told({ state: 'open', heads: ['sha256:1'] })),
		[],
		{},
		'Arrived',
		null,
	],
	['it is too large alone', after(SIGNED_IN, SEALED, { type: 'Refused', requestEpoch: 'e1', what: 'push', status: 413, ops: ['o'] }), [], {}, 'Needs attention', null],
	['a file of it is gone from this phone', after(SIGNED_IN, SEALED, answered()), [], { missing: [FILM] }, 'Needs attention', null],
])('when %s, the badge says so and nothing more', (_, state, drafts, circumstances, word, percent) => {
	const badge = badgeOf(state, drafts, { ...NOTHING, ...circumstances }, 'r');
	expect([badge.word, badge.percent]).toEqual([word, percent]);
});

test('a phone may be handed back when drafts, receipts and files are all accounted for, and not one event before', () => {
	const left = ALL.map((_, index) => unsafeOf(after(...ALL.slice(0, index + 1)), []));
	expect(left.map(({ records, files }) => records + files)).toEqual([0, 3, 2, 1, 0]);
	expect(unsafeOf(after(...ALL), [DRAFT]).drafts).toBe(1);
	const elsewhere = unsafeOf(after(...ALL, { type: 'EpochRefused', requestEpoch: 'e1', epoch: 'e2' }), []);
	expect(elsewhere).toEqual({ drafts: 0, records: 1, files: 2 });
});

test.each<[string, PhoneState, Partial<Circumstances>, string[]]>([
	['nothing is wrong', after(SIGNED_IN, SEALED), {}, []],
	['there is no network', after(SIGNED_IN, SEALED), { online: false }, ['No network']],
	['the session ended', after(SIGNED_IN, { type: 'Refused', requestEpoch: 'e1', what: 'pull', status: 401, ops: [] }), {}, ['The sign-in has run out']],
	['the phone is blocked', after(SIGNED_IN, { type: 'Refused', requestEpoch: 'e1', what: 'pull', status: 403, ops: [] }), {}, ['This phone was blocked']],
	['the application is old', after(SIGNED_IN, { type: 'Refused', requestEpoch: 'e1', what: 'push', status: 426, ops: [] }), {}, ['This version is too old for the server']],
	['the server is busy', after(SIGNED_IN, SEALED, { type: 'Throttled', what: 'push', until: 1_030_000 }), { heard: { push: { status: 503, code: 'server.busy' } } }, ['The server is busy']],
	['the server is not reached', after(SIGNED_IN, SEALED, { type: 'Throttled', what: 'push', until: 1_030_000 }), { heard: { push: { status: 0, code: '' } } }, ['The server is not reached']],
	['a rest is over', after(SIGNED_IN, SEALED, { type: 'Throttled', what: 'push', until: 999_999 }), {}, []],
	['the quota is reached', after(SIGNED_IN, SEALED, { type: 'Throttled', what: 'media', until: 1_030_000 }), { heard: { media: { status: 429, code: 'upload.quota-reached' } } }, ['Too many unfinished files of yours lie on the server']],
	['the disk is full', after(SIGNED_IN, SEALED, { type: 'Throttled', what: 'media', until: 1_030_000 }), { heard: { media: { status: 507, code: 'store.full' } } }, ['The server has no room left']],
	['a pull failed once and nothing waits', after(SIGNED_IN, { type: 'Throttled', what: 'pull', until: 1_030_000 }), {}, []],
	['files wait for Wi-Fi', after(SIGNED_IN, SEALED), { held: true }, ['On mobile data; files wait for Wi-Fi']],
	['the server was restored', after(...ALL, { type: 'EpochRefused', requestEpoch: 'e1', epoch: 'e2' }), {}, ['The server was restored from a copy']],
	['the clock is wrong', after(SIGNED_IN), { clockOffset: -12 * 60_000 }, ["This phone's clock is {minutes} minutes off"]],
])('when %s, the phone says why and what to do', (_, state, circumstances, expected) => {
	const reasons = reasonsOf(state, { ...NOTHING, ...circumstances });
	expect(reasons.map((reason) => reason.why)).toEqual(expected);
	for (const { why, todo, values } of reasons) {
		for (const text of [why, todo]) expect(inChinese(text, values)).toMatch(/^[^{]*\p{Script=Han}[^{]*$/u);
	}
});

test('a record tells in Chinese what is the matter with it, and each file where it is', () => {
	const quarantined = after(SIGNED_IN, SEALED, answered({ outcome: 'quarantined', reason: 'task.unknown' }), stored(PHOTO));
	const [line] = recordLines(quarantined, [], { ...NOTHING, sent: { [FILM]: 5 }, heard: { [FILM]: { status: 413, code: 'upload.too-large' } } });
	expect(line!.reasons.map(({ values }) => values['told'])).toEqual(['the server does not know this task']);
	expect(line!.files.map(({ kind, word, sent }) => [kind, word, sent])).toEqual([
		['Photo', 'Arrived', 1000],
		['Video', 'Sending', 5],
	]);
	expect(line!.files[1]!.reason!.why).toBe('This file is larger than the server takes');
	const missing = reasonsOfRecord(after(SIGNED_IN, SEALED), 'r', { ...NOTHING, missing: [FILM] });
	expect(missing.map(({ why, values }) => inChinese(why, values))).toEqual(['1 个文件不在本机']);
});

test('only what is durable and old enough may go from the phone', () => {
	const at = (moment: string) => btoa(JSON.stringify({ at: moment })).replaceAll('=', '');
	const page = { epoch: 'e1', items: [], next: 'c', more: false, durable_seq: 7, server_time: '2026-11-26T00:00:00Z' };
	const durable = (receipt: string): PhoneState =>
		after(
			SIGNED_IN,
			SEALED,
			answered({ receipt }),
			...[PHOTO, FILM].map((sha256): Event => ({ type: 'MediaDurable', sha256, requestEpoch: 'e1' })),
			{ type: 'PageArrived', requestEpoch: 'e1', requestCursor: null, page },
		);
	const now = Date.parse('2026-11-26T00:00:00Z');
	expect(freeable(durable(`${at('2026-10-01T00:00:00Z')}.s`), now)).toEqual({ records: ['r'], bytes: 4000 });
	expect(freeable(durable(`${at('2026-11-20T00:00:00Z')}.s`), now)).toEqual({ records: [], bytes: 0 });
});
