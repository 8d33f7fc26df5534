/** Reconciliation with the provincial platform: runs, and where both sides differ. */
import { say } from '../texts';

export type Kind = 'missing-there' | 'receipt-missing' | 'differs' | 'unknown-here';

export interface Run {
	readonly id: string;
	readonly region: string;
	readonly source: 'daily' | 'asked' | 'file';
	readonly first: string;
	readonly last: string;
	readonly state: 'waiting' | 'comparing' | 'done' | 'failed';
	readonly asked_at: string;
	readonly ended_at: string | null;
	readonly here: number;
	readonly there: number;
	readonly agreed: number;
	readonly found: Readonly<Partial<Record<Kind, number>>>;
	readonly problem: string | null;
	readonly file_sha256: string | null;
}

export interface Side {
	readonly state?: string;
	readonly sha256: string | null;
	readonly receipt_no: string | null;
	readonly settled_at?: string | null;
	readonly received_at?: string | null;
}

export interface Difference {
	readonly id: string;
	readonly region: string;
	readonly key: string;
	readonly kind: Kind;
	readonly at: string;
	readonly ours: Side | null;
	readonly theirs: Side | null;
	readonly state: 'open' | 'sent-again' | 'noted' | 'resolved';
	readonly reason: string | null;
	readonly decided_at: string | null;
	readonly can_send_again: boolean;
	readonly can_note: boolean;
}

export const KINDS = [
	['missing-there', 'missing at the platform'],
	['receipt-missing', 'receipt missing here'],
	['differs', 'says something else'],
	['unknown-here', 'not sent from here'],
] as const;

/** What a difference means, and what settles it. */
export const MEANINGS: Readonly<Record<Kind, string>> = {
	'missing-there': 'We have a receipt, but the platform does not hold it. Send it again under the same number.',
	'receipt-missing': 'The platform holds it, but no receipt came. Sent again, it gives the receipt and enters nothing twice.',
	differs: 'Both hold it with other content or another receipt. Correct the result, which goes out as a new version, or note why.',
	'unknown-here': 'The platform holds it and it was never sent from here, such as what was typed in there by hand. Note why.',
};

export const STATES = [
	['open', 'to be settled'],
	['sent-again', 'sent again'],
	['noted', 'accounted for'],
	['resolved', 'gone'],
] as const;
export const LOOKS = { open: 'bad', 'sent-again': 'warn', noted: 'plain', resolved: 'good' } as const;

export const RUN_STATES = { waiting: 'waits for the worker', comparing: 'being compared', done: 'compared', failed: 'no answer' } as const;
export const RUN_LOOKS = { waiting: 'warn', comparing: 'warn', done: 'good', failed: 'bad' } as const;
export const SOURCES = { daily: 'daily', asked: 'asked for', file: 'from a file' } as const;

export const differencesOf = (run: Run): number => Object.values(run.found).reduce((sum, each) => sum + (each ?? 0), 0);
export const daysOf = (run: Run): string => (run.first === run.last ? run.first : `${run.first} — ${run.last}`);
export const isUnderWay = (run: Run): boolean => run.state === 'waiting' || run.state === 'comparing';
export const kindName = (kind: Kind): string => say.value(KINDS.find(([each]) => each === kind)?.[1] ?? kind);
export const stateName = (state: Difference['state']): string => say.value(STATES.find(([each]) => each === state)?.[1] ?? state);
