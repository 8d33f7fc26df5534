/** What a bureau sets for itself, as the API keeps it; what it does not set is the default. */
export interface DeadlineRule {
	readonly kind: 'working_days' | 'before_closing';
	readonly days?: number;
	readonly from?: string;
	readonly problems?: boolean;
}

export interface Rules {
	readonly deadline?: Readonly<Record<string, DeadlineRule>> & { readonly days_off?: readonly string[] };
	readonly publicity?: { readonly targets?: readonly string[]; readonly problems?: string };
	readonly quota?: { readonly rounding?: string; readonly weights?: Readonly<Record<string, number>>; readonly least_percent?: string | number | null; readonly least_draws?: number | null };
	readonly visit?: { readonly a_year?: number | null; readonly entry_code?: boolean; readonly approve_within?: number | null; readonly plan_filed?: boolean };
}

export interface Bureau {
	readonly id: string;
	readonly name: string;
	readonly region: string;
	readonly ended_at: string | null;
	readonly rules: Rules;
}

export interface Notice {
	readonly id: string;
	readonly region: string;
	readonly year: number;
	readonly version: string;
	readonly days_off: readonly string[];
	readonly make_up: readonly string[];
	readonly entered_at: string;
}

/** What has a deadline, what it may be counted from, and the default, as `server/results/deadlines.py` has them. */
export const DEADLINES: readonly { readonly kind: string; readonly name: string; readonly starts: readonly string[]; readonly mayClose: boolean; readonly byDefault: string }[] = [
	{ kind: 'entry', name: 'Entry of a result', starts: ['task_end', 'inspection_end'], mayClose: true, byDefault: '15 working days after the task' },
	{ kind: 'publication', name: 'Publication of a result', starts: ['inspection_end', 'task_end'], mayClose: true, byDefault: '20 working days after the inspection' },
	{ kind: 'followup', name: 'Entry of a follow-up', starts: ['followup_end'], mayClose: false, byDefault: '15 working days after it was done' },
	{ kind: 'objection', name: 'Decision on an objection', starts: ['objection_filed'], mayClose: false, byDefault: '20 working days after it was filed' },
];
export const TARGETS = ['portal', 'column', 'platform', 'credit'] as const;
export const ROUNDINGS = ['ceiling', 'half-up'] as const;
