/** How the installation does, as the API tells it. */
export type Level = 'good' | 'mind' | 'bad' | 'off';

export interface Finding {
	readonly part: string;
	readonly name: string;
	readonly name_en: string;
	readonly level: Level;
	readonly told: string;
	readonly told_en: string;
	readonly advice: string | null;
	readonly advice_en: string | null;
	readonly at: string | null;
}

export interface Waiting {
	readonly kind: string;
	readonly name: string;
	readonly name_en: string;
	readonly for_whom: string;
	readonly for_whom_en: string;
	readonly count: number;
	readonly is_more: boolean;
	readonly level: Level;
}

export interface Report {
	readonly level: Level;
	readonly version: string;
	readonly epoch: string;
	readonly seq: number;
	readonly asked_at: string;
	readonly findings: readonly Finding[];
	readonly waiting: readonly Waiting[];
}

export interface FailedJob {
	readonly seq: number;
	readonly reaction: string;
	readonly told: string;
	readonly told_en: string;
	readonly happened_at: string;
	readonly attempts: number;
	readonly error: string;
	readonly next_at: string | null;
	readonly dead_at: string | null;
}

/** A colour never stands without its word. */
export const WORDS: Readonly<Record<Level, string>> = { good: 'in order', mind: 'to be minded', bad: 'needs mending', off: 'not set up' };
export const TAGS: Readonly<Record<Level, 'success' | 'warning' | 'danger' | 'info'>> = { good: 'success', mind: 'warning', bad: 'danger', off: 'info' };

/** Where what waits is dealt with, and what one must be allowed to for it. */
export const DESKS: Readonly<Record<string, readonly [path: string, needs: string]>> = {
	complaints: ['/devices/complaints', 'complaint.read'],
	quarantine: ['/quarantine', 'quarantine.read'],
	deliveries_refused: ['/platform?state=rejected', 'delivery.read'],
	deliveries_waiting: ['/platform?state=pending', 'delivery.read'],
	publications_overdue: ['/publications?state=due', 'publicity.read'],
	publications_failed: ['/publications?state=failed', 'publicity.read'],
	publications_to_take_back: ['/publications?state=take_back', 'publicity.read'],
};
