/** Follow-ups as the API shows them. */
import { today } from '../days';

export interface FollowupRow {
	readonly id: string;
	readonly result_id: string;
	readonly object_name: string;
	readonly item_name: string;
	readonly task_number: string;
	readonly code: string;
	readonly state: 'open' | 'sent' | 'received' | 'done' | 'entered' | 'cancelled';
	readonly act_by: string | null;
	readonly to_body: string | null;
	readonly reference_no: string | null;
	/** The visit that was opened for it. */
	readonly task_id: string | null;
	readonly receipt: { readonly no: string; readonly by: string; readonly on: string } | null;
	readonly outcome: string;
	readonly done_on: string | null;
	readonly opened_at: string;
	readonly ended_reason: string | null;
}

export const STATES = [
	['open', 'ordered'],
	['sent', 'sent out'],
	['received', 'receipt noted'],
	['done', 'done, to be entered'],
	['entered', 'closed'],
	['cancelled', 'fell away'],
] as const;
export const NAMES: Readonly<Record<string, string>> = Object.fromEntries(STATES);

export const isOver = (each: FollowupRow): boolean => each.state === 'entered' || each.state === 'cancelled';
export const isLate = (each: FollowupRow): boolean =>
	!isOver(each) && each.act_by !== null && each.act_by < today();

/** What somebody else takes over: it goes out to them, by name. As `PASSED_ON` of the server. */
const PASSED_ON: readonly string[] = ['DAILY_SUPERVISION', 'CASE_TRANSFER_INTERNAL', 'TRANSFER_OTHER_DEPT', 'TRANSFER_POLICE'];
export const isPassedOn = (each: FollowupRow): boolean => PASSED_ON.includes(each.code);

const VISITED: readonly string[] = ['ORDER_RECTIFY', 'SECOND_CHECK', 'REVISIT'];
/** Whether inspectors may still be sent back for it. */
export const canVisit = (each: FollowupRow): boolean => VISITED.includes(each.code) && each.task_id === null;
