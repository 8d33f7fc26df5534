/** Why something on this phone has not arrived, and what to do about it: one table of plain words. */
import { outbox, type PhoneState } from '../../../sync/phoneState.ts';
import type { Kind } from '../../../sync/phoneEffects.ts';
import { isConflicted, isQuarantined, isStored, mergeAsked, opsOf, type Sent } from './arrival';

/** A refusal as it was last heard of a kind of request, or of one file. */
export interface Heard {
	/** 0 where there was no answer. */
	readonly status: number;
	readonly code: string;
}

/** What is known beside the reducer's state. */
export interface Circumstances extends Sent {
	readonly online: boolean;
	/** Files wait because the network is metered. */
	readonly held: boolean;
	/** By kind of request, and by SHA-256 for files. */
	readonly heard: Readonly<Record<string, Heard>>;
	/** Milliseconds that the server's clock is ahead of this phone's; null while that is not known. */
	readonly clockOffset: number | null;
	/** Milliseconds of Unix time by this phone. */
	readonly now: number;
}

/** English sentences that the phone's words know; `values` are filled in. */
export interface Reason {
	readonly why: string;
	readonly todo: string;
	readonly values: Readonly<Record<string, string | number>>;
	readonly tone: 'warn' | 'bad';
}

const WRONG_CLOCK = 5 * 60_000; // milliseconds; from here on the evidence shows it

function reason(tone: Reason['tone'], why: string, todo: string, values: Reason['values'] = {}): Reason {
	return { why, todo, values, tone };
}

const KEPT = 'Everything is kept on this phone and goes out by itself when there is a signal.';
const BLOCKED: Readonly<Record<string, Reason>> = {
	signed_out: reason('bad', 'The sign-in has run out', 'Sign in again. Nothing is lost, and sending goes on by itself.'),
	device_blocked: reason(
		'bad',
		'This phone was blocked',
		'Do not clear the browser. Ask the administrator, or export everything and give the file to a colleague.',
	),
	app_too_old: reason('bad', 'This version is too old for the server', 'Close all windows of the application and open it again with a network.'),
};
const STUCK: Readonly<Record<number, Reason>> = {
	413: reason('bad', 'The server says this record is too large', 'Export it and give the file to the administrator. The others are sent.'),
	400: reason('bad', 'The server cannot read this record', 'Export it and give the file to the administrator. The others are sent.'),
};
const OF_FILES: Readonly<Record<string, Reason>> = {
	'upload.quota-reached': reason('warn', 'Too many unfinished files of yours lie on the server', 'Wait; it is tried again by itself. Close the application on your other phones.'),
	'store.full': reason('bad', 'The server has no room left', 'The files stay on this phone. Tell the administrator.'),
	'upload.too-large': reason('bad', 'This file is larger than the server takes', 'Export it and give the file to the administrator. The others are sent.'),
	'file.unreadable': reason('bad', 'This file cannot be read on this phone', 'Do not clear the browser. The others are sent; tell the administrator.'),
	'media.digest-mismatch': reason('warn', 'A file was damaged on its way', 'It is sent again by itself.'),
};
const QUARANTINED: Readonly<Record<string, string>> = {
	'form.version-unknown': 'the server does not know this version of the form',
	'task.unknown': 'the server does not know this task',
	'record.foreign': 'the record belongs to somebody else',
	'record.form-differs': 'another form was begun under this record',
	'author.differs': 'it was sealed by somebody else',
	'device.unknown': 'the server does not know this phone',
};

/** Why sending as a whole does not go on; empty when nothing is in its way. */
export function reasonsOf(state: PhoneState, circumstances: Circumstances): readonly Reason[] {
	const found: Reason[] = [];
	if (state.blocked !== null) found.push(BLOCKED[state.blocked]!);
	if (!circumstances.online) found.push(reason('warn', 'No network', KEPT));
	else if (state.blocked === null) found.push(...resting(state, circumstances));
	if (circumstances.held && state.mediaWanted.size > 0) {
		found.push(reason('warn', 'On mobile data; files wait for Wi-Fi', 'Records are sent all the same. Files can be sent now, at the cost of data.'));
	}
	if (state.toReoffer.size > 0 || state.unconfirmed.size > 0) {
		found.push(reason('warn', 'The server was restored from a copy', 'This phone is asking what the server lacks, and sends it again by itself. Leave the application open.'));
	}
	const offset = circumstances.clockOffset;
	if (offset !== null && Math.abs(offset) > WRONG_CLOCK) {
		const minutes = Math.round(Math.abs(offset) / 60_000);
		found.push(reason('warn', "This phone's clock is {minutes} minutes off", 'Switch on automatic time in the settings of the phone. Work is sent all the same.', { minutes }));
	}
	return found;
}

const OFTEN = 3; // failures in a row, after which a pull that rests is worth telling

function resting(state: PhoneState, { now, heard }: Circumstances): readonly Reason[] {
	const kinds: Kind[] = [];
	if (outbox(state).length > 0) kinds.push('push');
	if (state.mediaWanted.size > 0) kinds.push('media');
	if ((state.failures.get('pull') ?? 0) >= OFTEN) kinds.push('pull');
	const kind = kinds.find((each) => (state.waits.get(each) ?? 0) > now);
	if (kind === undefined) return [];
	const seconds = Math.ceil((state.waits.get(kind)! - now) / 1000);
	const { status, code } = heard[kind] ?? { status: 0, code: '' };
	const known = OF_FILES[code];
	if (known) return [known];
	if (status === 0) {
		return [reason('warn', 'The server is not reached', 'It is tried again in {seconds} seconds. If other sites open and this one does not, tell the administrator.', { seconds })];
	}
	return [reason('warn', 'The server is busy', 'It is tried again in {seconds} seconds.', { seconds })];
}

/** Why a record needs somebody; empty when it goes on by itself. */
export function reasonsOfRecord(state: PhoneState, record: string, circumstances: Circumstances): readonly Reason[] {
	const found: Reason[] = [];
	const ops = opsOf(state, record);
	if (isConflicted(state, record)) {
		const asked = mergeAsked(state, record);
		found.push(
			asked
				? reason('bad', 'Two phones changed this record', 'Nothing is lost. {by} asks the lead inspector to bring both versions together. {note}', {
						by: asked.by,
						note: asked.note ?? '',
					})
				: reason('bad', 'Two phones changed this record', 'Nothing is lost. The lead inspector brings both versions together.'),
		);
	}
	for (const op of ops) {
		const status = state.stuck.get(op.op);
		if (status !== undefined) found.push(STUCK[status] ?? STUCK[400]!);
		if (isQuarantined(state, op)) {
			const why = state.receipts.get(op.op)!.reason ?? '';
			const told = QUARANTINED[why] ?? why;
			found.push(reason('bad', 'The server keeps it aside: {told}', 'Its bytes are safe on the server. A supervisor decides; you need not fill it in again.', { told }));
		}
	}
	const lost = ops.flatMap((op) => op.media).filter((sha256) => circumstances.missing.includes(sha256) && !isStored(state, sha256));
	if (lost.length > 0) {
		found.push(reason('bad', '{n} files are not on this phone', 'If they were taken on another phone, open the application there. Do not clear the browser.', { n: lost.length }));
	}
	return found;
}

/** Why one file was refused; null when it was not. */
export function reasonOfFile(sha256: string, { heard }: Circumstances): Reason | null {
	const told = heard[sha256];
	if (told === undefined) return null;
	return OF_FILES[told.code] ?? reason('bad', 'The server refused this file ({status})', 'Export it and give the file to the administrator. The others are sent.', { status: told.status });
}
