/** The tables that are counted from a snapshot: the work report, coverage of the libraries, assessment of units. */
import { CODES } from '../results/result';
import { inHalf, say } from '../texts';
import type { Share, Snapshot } from './snapshot';

export interface WorkLine {
	readonly planned_id: string | null;
	readonly task: string | null;
	readonly sampling: readonly string[];
	readonly scope: string | null;
	readonly ratio: string | null;
	readonly item_code: string;
	readonly item: string | null;
	readonly base: number | null;
	readonly drawn: number;
	readonly inspected: number;
	readonly published: number;
	readonly unpublished: number;
	readonly completion: Share;
	readonly results: Readonly<Record<string, number>>;
	readonly followups: Readonly<Record<string, number>>;
	readonly closed: number;
	readonly closure: Share;
	readonly discovery: Share;
}

export interface WorkReport {
	readonly snapshot: Snapshot;
	readonly lines: readonly WorkLine[];
	readonly total: WorkLine;
}

export interface Field {
	readonly code?: string;
	readonly name?: string | null;
	readonly kind?: string;
	readonly tag?: string;
	readonly coverage: Share;
}

export interface Covered {
	readonly snapshot: Snapshot;
	readonly objects: number;
	readonly items: readonly Field[];
	readonly kinds: readonly Field[];
	readonly tags: readonly Field[];
}

export interface Unit {
	readonly organisation_id: string;
	readonly name: string;
	readonly region: string;
	readonly visits: number;
	readonly objects_inspected: number;
	readonly results_released: number;
	readonly discovery: Share;
	readonly entry_in_time: Share;
	readonly publication_in_time: Share;
	readonly followups_over: Share;
	readonly liability: Readonly<Record<string, number>>;
}

export interface Assessment {
	readonly snapshot: Snapshot;
	readonly units: readonly Unit[];
}

const SAMPLING: Readonly<Record<string, string>> = { targeted: '定向 · targeted', untargeted: '不定向 · untargeted' };
export const samplingOf = (line: WorkLine): string => line.sampling.map((each) => inHalf(SAMPLING[each] ?? each)).join('、');

/** Official words of a code; several ways of having gone are one column. */
export const codeName = (key: string): string => (key === 'left' ? say.value('Moved away, deregistered and the like') : (CODES[key.toUpperCase()] ?? key));

/** Codes that any line counts, so that a table is no wider than what it tells. */
export function countedCodes(report: WorkReport, of: 'results' | 'followups'): readonly string[] {
	return Object.keys(report.total[of]).filter((key) => report.total[of][key]! > 0);
}

export const shareText = (share: Share): string => (share.percent ? `${share.percent}% (${share.part}/${share.whole})` : '');
export const fieldName = (field: Field): string => field.name ?? field.code ?? field.tag ?? say.value(`kind: ${field.kind}`);

export const SHARES = [
	['discovery', 'Problems found'],
	['entry_in_time', 'Entered in time'],
	['publication_in_time', 'Published in time'],
	['followups_over', 'Follow-ups that are over'],
] as const;

export const LIABILITY = [
	['not_inspected', 'Not inspected in time'],
	['not_published_in_time', 'Not published in time'],
	['delayed', 'Inspected too late'],
	['followups_late', 'Follow-ups too late'],
	['crimes_not_transferred', 'Crimes not transferred'],
] as const;
