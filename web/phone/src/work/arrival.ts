/**
 * How far the work on this phone has come, in six words that never say more than the server's receipts do.
 *
 * 已送达 is said of a record only when every operation of it has a receipt of this epoch that the server signed, and
 * the server has told that it stores every file they vouch for.
 */
import { outbox, type PhoneState } from '../../../sync/phoneState.ts';
import type { SealedOp } from '../../../sync/sealing.ts';
import type { DraftHead } from '../keeping/database';

type Body = Readonly<Record<string, any>>;

export type Word = 'Draft' | 'Waiting' | 'Sending' | 'Arrived' | 'Returned' | 'Needs attention';

export interface Badge {
	readonly word: Word;
	readonly tone: 'good' | 'warn' | 'bad';
	/** How much of its files has gone, from 0 to 99; only while sending. */
	readonly percent: number | null;
}

/** What is known of sending beside the reducer's state. */
export interface Sent {
	/** Bytes sent of each file under way, by SHA-256. */
	readonly sent: Readonly<Record<string, number>>;
	/** Files that the server wants and this phone has not (any more), by SHA-256. */
	readonly missing: readonly string[];
}

export interface MediaEntry {
	readonly name: string;
	readonly sha256: string;
	readonly size: number;
	readonly type: string;
}

/** The words, that first which wants most attention. */
export const WORDS: readonly Word[] = ['Needs attention', 'Returned', 'Draft', 'Waiting', 'Sending', 'Arrived'];
const TONES: Readonly<Record<Word, Badge['tone']>> = {
	'Needs attention': 'bad',
	Returned: 'bad',
	Draft: 'warn',
	Waiting: 'warn',
	Sending: 'warn',
	Arrived: 'good',
};
const NEVER_WHOLE = 99; // per cent: the rest is the server's word

export function badge(word: Word, percent: number | null = null): Badge {
	return { word, tone: TONES[word], percent };
}

/** The one badge that is true of a record on this phone. */
export function badgeOf(state: PhoneState, drafts: readonly DraftHead[], sent: Sent, record: string): Badge {
	const body = bodyOf(state, record);
	if (drafts.some((draft) => draft.record === record)) return badge('Draft');
	if (needsAttention(state, sent, record)) return badge('Needs attention');
	const ops = opsOf(state, record);
	if (ops.some((op) => !isReceipted(state, op))) return badge('Waiting');
	const files = ops.flatMap(filesOf);
	if (files.some((sha256) => state.mediaWanted.has(sha256) && sha256 in sent.sent)) {
		return badge('Sending', percentOf(state, ops, sent));
	}
	if (files.some((sha256) => !isStored(state, sha256))) return badge('Waiting');
	return badge(body?.['state'] === 'returned' ? 'Returned' : 'Arrived');
}

/** The files that an operation vouches for, also of one that was brought from another phone. */
function filesOf(op: SealedOp): readonly string[] {
	return op.ours ? op.media : mediaOf(op).map((entry) => entry.sha256);
}

/** Whether a person has to do something before this record goes on. */
function needsAttention(state: PhoneState, sent: Sent, record: string): boolean {
	const ops = opsOf(state, record);
	return (
		isConflicted(state, record) ||
		ops.some((op) => state.stuck.has(op.op) || isQuarantined(state, op)) ||
		ops.some((op) => op.media.some((sha256) => state.mediaWanted.has(sha256) && sent.missing.includes(sha256)))
	);
}

export function opsOf(state: PhoneState, record: string): readonly SealedOp[] {
	return state.ops.filter((op) => op.record === record);
}

export function isConflicted(state: PhoneState, record: string): boolean {
	return bodyOf(state, record)?.['state'] === 'conflicted';
}

/** Who of the reviewers asked for the versions to be brought together; null while nobody did. */
export function mergeAsked(state: PhoneState, record: string): { readonly by: string; readonly note: string | null } | null {
	const merge = bodyOf(state, record)?.['merge'] as { readonly asked?: { readonly by: string; readonly note: string | null } | null } | undefined;
	return merge?.asked ?? null;
}

/** Whether the server keeps an operation's bytes without knowing yet what to make of them. */
export function isQuarantined(state: PhoneState, op: SealedOp): boolean {
	if (state.receipts.get(op.op)?.outcome !== 'quarantined') return false;
	const heads = (op.record === null ? null : bodyOf(state, op.record)?.['heads']) as readonly string[] | null | undefined;
	return heads == null || !heads.includes(op.rev);
}

/** Whether a receipt of this epoch covers an operation. */
export function isReceipted(state: PhoneState, op: SealedOp): boolean {
	return state.receipts.has(op.op) && !state.unconfirmed.has(op.op) && !state.toReoffer.has(op.rev);
}

/** Whether the server is known to store a file, in this epoch. */
export function isStored(state: PhoneState, sha256: string): boolean {
	return !state.mediaWanted.has(sha256) && !state.mediaUnsure.has(sha256);
}

function percentOf(state: PhoneState, ops: readonly SealedOp[], { sent }: Sent): number {
	const sizes = new Map(ops.flatMap((op) => mediaOf(op)).map((entry) => [entry.sha256, entry.size]));
	let all = 0;
	let gone = 0;
	for (const [sha256, size] of sizes) {
		all += size;
		gone += isStored(state, sha256) ? size : Math.min(size, sent[sha256] ?? 0);
	}
	return all === 0 ? 0 : Math.min(NEVER_WHOLE, Math.floor((100 * gone) / all));
}

export interface Unsafe {
	readonly drafts: number;
	readonly records: number;
	readonly files: number;
}

/** How much on this phone the server is not known to have. */
export function unsafeOf(state: PhoneState, drafts: readonly DraftHead[]): Unsafe {
	const ours = state.ops.filter((op) => !isReceipted(state, op));
	const files = new Set(state.ops.flatMap((op) => op.media).filter((sha256) => !isStored(state, sha256)));
	for (const sha256 of state.mediaWanted) files.add(sha256);
	const waiting = new Set([...outbox(state), ...ours].map((op) => op.op));
	for (const rev of state.held.keys()) if (state.toReoffer.has(rev)) waiting.add(rev);
	return { drafts: drafts.length, records: waiting.size, files: files.size };
}

const revisions = new WeakMap<SealedOp, Body>();

/** What a sealed revision says; nothing of other operations. */
export function revisionOf(op: SealedOp): Body {
	let found = revisions.get(op);
	if (found === undefined) {
		const bytes = Uint8Array.from(atob(String(op.item['bytes'] ?? '')), (each) => each.charCodeAt(0));
		found = (bytes.length === 0 ? {} : JSON.parse(new TextDecoder().decode(bytes))) as Body;
		revisions.set(op, found);
	}
	return found;
}

export function mediaOf(op: SealedOp): readonly MediaEntry[] {
	return (revisionOf(op)['media'] as readonly MediaEntry[] | undefined) ?? [];
}

function bodyOf(state: PhoneState, record: string): Body | undefined {
	const key = `record\0${record}`;
	return (state.view.entities.get(key) ?? state.view.withdrawn.get(key))?.body as Body | undefined;
}
