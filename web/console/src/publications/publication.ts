/** One disclosure on its way to one place where it is to be public. */
export interface Publication {
	readonly id: string;
	readonly disclosure_id: string;
	readonly target: string;
	readonly state: string;
	readonly due_on: string | null;
	/** Working days until it is due, below zero when it is late; null where nothing is waited for. */
	readonly days_left: number | null;
	readonly queued_at: string;
	readonly settled_at: string | null;
	readonly receipt: Readonly<Record<string, unknown>> | null;
	readonly errors: readonly Readonly<Record<string, unknown>>[];
	/** Whether no newer version of the result was disclosed. */
	readonly is_newest: boolean;
	readonly disclosure: {
		readonly version: number;
		/** `elsewhere`: public, and not on our own portal. */
		readonly state: string;
		readonly reason: string | null;
		readonly closed_on: string | null;
		readonly published_at: string | null;
		readonly body: {
			readonly object_name: string;
			readonly uscc: string | null;
			readonly item_code: string;
			readonly item_name: string | null;
			readonly inspected_on: string;
			readonly result: string;
			readonly followup: string;
			readonly organisation: string;
			readonly task_no: string;
		};
	};
}

type Names = readonly (readonly [value: string, name: string])[];

export const TARGETS: Names = [
	['portal', 'own portal'],
	['column', 'government column'],
	['platform', 'provincial platform'],
	['credit', 'credit system'],
];
export const STATES: Names = [
	['not_due', 'waits for its follow-up'],
	['due', 'to be brought there'],
	['sent', 'brought, no answer yet'],
	['acknowledged', 'public'],
	['failed', 'refused'],
	['corrected', 'replaced by a newer version'],
	['withdrawn', 'taken back'],
	['take_back', 'to be taken back there'],
	['take_back_sent', 'asked to take it back, no answer yet'],
	['take_back_failed', 'would not take it back'],
];
export const WITHDRAWALS = [
	['entered_wrongly', 'entered wrongly'],
	['revoked', 'revoked by law'],
	['expired', 'term of publicity over'],
	['not_public', 'not public by law'],
] as const;
export const LOOKS: Readonly<Record<string, 'good' | 'warn' | 'bad' | 'plain'>> = { acknowledged: 'good', due: 'warn', sent: 'warn', failed: 'bad', take_back: 'warn', take_back_sent: 'warn', take_back_failed: 'bad' };

export const nameOf = (names: Names, value: string): string => names.find(([each]) => each === value)?.[1] ?? value;
export const leftOf = (each: Publication): string => (each.days_left === null ? '' : String(each.days_left));
