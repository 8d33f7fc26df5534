/** Taking a proposal to merge: the rows get the days that they share, by an amendment of each plan. */
import { get, post } from '../wire/door';
import type { Meeting } from './meeting';
import type { PlannedOfYear } from './plan';

export function readRows(meeting: Meeting): Promise<readonly PlannedOfYear[]> {
	return Promise.all(meeting.planned.map(({ id }) => get<PlannedOfYear>(`planned/${id}`)));
}

/** Several windows or several draws a year would lose days or draws by it. */
export function canMerge(rows: readonly PlannedOfYear[]): boolean {
	return rows.every(({ plan, windows, ratio }) => plan.state === 'published' && windows.length === 1 && (ratio.period === null || (ratio.period === 'year' && (ratio.times ?? 1) === 1)));
}

/** What is to be changed in which plan; rows that have these days already stay. */
export function changesOf(meeting: Meeting, rows: readonly PlannedOfYear[]): Map<string, object[]> {
	const changes = new Map<string, object[]>();
	for (const { id, plan, windows } of rows) {
		if (windows[0]!.first === meeting.first && windows[0]!.last === meeting.last) continue;
		const change = { action: 'change', planned: id, set: { window: `${written(meeting.first)}—${written(meeting.last)}` } };
		changes.set(plan.id, [...(changes.get(plan.id) ?? []), change]);
	}
	return changes;
}

export async function proposeMerge(meeting: Meeting, rows: readonly PlannedOfYear[], reason: string): Promise<void> {
	for (const [plan, changes] of changesOf(meeting, rows)) await post(`plans/${plan}/amendments`, { reason, changes });
}

function written(iso: string): string {
	const [year, month, day] = iso.split('-').map(Number);
	return `${year}年${month}月${day}日`;
}
