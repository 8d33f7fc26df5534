/** What the end of a day asks: what has not arrived yet, why, and what may be let go of. */
import { safeToDelete, type PhoneState } from '../../../sync/phoneState.ts';
import { titleOf } from '../forms/titles';
import type { DraftHead } from '../keeping/database';
import { badgeOf, isStored, mediaOf, opsOf, revisionOf, type Badge, type MediaEntry } from './arrival';
import { reasonOfFile, reasonsOfRecord, type Circumstances, type Reason } from './reasons';

type Body = Readonly<Record<string, any>>;

export interface FileCard {
	readonly sha256: string;
	/** Photo, sound, video or file. */
	readonly kind: 'Photo' | 'Sound' | 'Video' | 'File';
	readonly size: number;
	readonly sent: number;
	readonly word: 'Waiting' | 'Sending' | 'Arrived' | 'Arrived, and copied' | 'Not on this phone';
	readonly reason: Reason | null;
}

export interface RecordLine {
	readonly id: string;
	readonly task: string | null;
	readonly object: string;
	readonly form: string;
	readonly badge: Badge;
	readonly reasons: readonly Reason[];
	readonly files: readonly FileCard[];
}

/** All records that this phone has work of, those that have not arrived first. */
export function recordLines(state: PhoneState, drafts: readonly DraftHead[], circumstances: Circumstances): readonly RecordLine[] {
	const known = new Map<string, { task: string | null; form: string }>();
	for (const [key, entity] of state.view.entities) {
		const body = entity.body as Body;
		if (!key.startsWith('record\0') || !['conflicted', 'returned'].includes(body['state'])) continue;
		known.set(key.slice('record\0'.length), { task: body['task'], form: body['form'] });
	}
	for (const op of state.ops) {
		if (op.record === null || op.kind !== 'revision') continue;
		known.set(op.record, { task: op.task, form: String(revisionOf(op)['form']) });
	}
	for (const draft of drafts) known.set(draft.record, draft);
	const lines = [...known].map(([id, { task, form }]) => ({
		id,
		task,
		object: objectOf(state, task),
		form: titleOf(form, bodyOf(state, 'form', form)),
		badge: badgeOf(state, drafts, circumstances, id),
		reasons: reasonsOfRecord(state, id, circumstances),
		files: filesOf(state, id, circumstances),
	}));
	return lines.sort((one, other) => Number(one.badge.word === 'Arrived') - Number(other.badge.word === 'Arrived'));
}

function filesOf(state: PhoneState, record: string, circumstances: Circumstances): readonly FileCard[] {
	const entries = new Map(opsOf(state, record).flatMap((op) => mediaOf(op)).map((entry) => [entry.sha256, entry]));
	return [...entries.values()].map((entry) => ({
		sha256: entry.sha256,
		kind: kindOf(entry),
		size: entry.size,
		sent: isStored(state, entry.sha256) ? entry.size : Math.min(entry.size, circumstances.sent[entry.sha256] ?? 0),
		word: wordOf(state, entry.sha256, circumstances),
		reason: isStored(state, entry.sha256) ? null : reasonOfFile(entry.sha256, circumstances),
	}));
}

function kindOf({ type }: MediaEntry): FileCard['kind'] {
	if (type.startsWith('image/')) return 'Photo';
	if (type.startsWith('audio/')) return 'Sound';
	return type.startsWith('video/') ? 'Video' : 'File';
}

function wordOf(state: PhoneState, sha256: string, { sent, missing }: Circumstances): FileCard['word'] {
	if (state.mediaDurable.has(sha256)) return 'Arrived, and copied';
	if (isStored(state, sha256)) return 'Arrived';
	if (missing.includes(sha256)) return 'Not on this phone';
	return sha256 in sent ? 'Sending' : 'Waiting';
}

export interface Freeable {
	readonly records: readonly string[];
	/** Of files; what else goes is small. */
	readonly bytes: number;
}

/** What may be deleted from this phone: durable on the server, and the time to keep has passed. `now` in Unix milliseconds. */
export function freeable(state: PhoneState, now: number): Freeable {
	const records = [...new Set(state.ops.flatMap((op) => op.record ?? []))].filter((record) => safeToDelete(state, record, now));
	const files = new Map(records.flatMap((record) => opsOf(state, record)).flatMap(mediaOf).map((entry) => [entry.sha256, entry.size]));
	return { records, bytes: [...files.values()].reduce((sum, size) => sum + size, 0) };
}

function objectOf(state: PhoneState, task: string | null): string {
	const body = task === null ? undefined : bodyOf(state, 'task', task);
	return body?.['prefill']?.['tasks']?.['obj_name'] ?? body?.['name'] ?? '';
}

function bodyOf(state: PhoneState, kind: string, id: string): Body | undefined {
	const key = `${kind}\0${id}`;
	return (state.view.entities.get(key) ?? state.view.withdrawn.get(key))?.body as Body | undefined;
}
