/** Cases of the quarantine as the API shows them. */
import type { AnswerNode } from '../review/record';

export interface CaseRow {
	readonly id: string;
	readonly rev: string | null;
	readonly reason: string;
	readonly message: string;
	readonly message_en: string;
	readonly state: 'open' | 'dismissed' | 'admitted' | 'settled';
	readonly sender: { readonly id: string; readonly name: string };
	readonly arrived_at: string;
	readonly form_id: string | null;
	readonly form_version: string | null;
	readonly joined: string | null;
	readonly decided_by: string | null;
	readonly decided_at: string | null;
	readonly note: string | null;
}

export interface Case extends CaseRow {
	readonly read: {
		readonly author_name: string | null;
		readonly wall_time: string;
		readonly evidence_level: string | null;
		readonly task: { readonly number: string; readonly name: string } | null;
		readonly record: { readonly id: string; readonly state: string } | null;
		readonly answers: AnswerNode | null;
		readonly media: readonly { readonly name: string; readonly size: number; readonly status: string }[];
	} | null;
	readonly admission: {
		readonly possible: boolean;
		readonly names_task: boolean;
		readonly obstacles: readonly { readonly code: string; readonly message: string; readonly message_en: string }[];
	};
}

export const STATES = [
	['open', 'waits'],
	['dismissed', 'put aside'],
	['admitted', 'admitted'],
	['settled', 'settled by itself'],
] as const;
export const NAMES: Readonly<Record<string, string>> = Object.fromEntries(STATES);
