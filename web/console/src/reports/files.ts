/** Ledgers and places as files: sent at once, or made by the worker where they are large. */
import { say } from '../texts';
import { post } from '../wire/door';
import { Refused } from '../wire/refused';
import { saveFrom } from '../wire/saving';

export interface ReportFile {
	readonly id: string;
	/** Null: of places. */
	readonly snapshot_id: string | null;
	readonly kind: 'ledger.xlsx' | 'ledger.csv' | 'places.geojson' | 'places.gpkg';
	readonly filter: Readonly<Record<string, string | boolean | readonly string[]>>;
	readonly name: string;
	readonly state: 'waiting' | 'making' | 'ready' | 'failed';
	readonly done: number;
	readonly total: number;
	readonly size: number | null;
	readonly problem: string | null;
	readonly asked_at: string;
	readonly expires_at: string | null;
}

export const isUnderWay = (file: ReportFile): boolean => file.state === 'waiting' || file.state === 'making';

/** Whole per cent of its lines; what is left then is the file itself. */
export const progressOf = (file: ReportFile): number => (file.total > 0 ? Math.min(99, Math.floor((100 * file.done) / file.total)) : 0);

const ASIDE: Readonly<Record<string, string>> = { region: 'Division', item: 'Item code', problem: 'A problem', public: 'Public', late: 'Term is over', layers: 'Layers' };

/** Which lines a file holds, in words. */
export function linesOf(file: ReportFile): string {
	const inText = (value: string | boolean | readonly string[]) => {
		if (typeof value === 'boolean') return say.value(value ? 'yes' : 'no');
		return typeof value === 'string' ? value : value.map((layer) => say.value(`layer: ${layer}`)).join('、');
	};
	const told = Object.entries(file.filter).map(([key, value]) => `${say.value(ASIDE[key] ?? key)}：${inText(value)}`);
	return told.join('；') || say.value('all lines');
}

/** Saves the chosen lines of a ledger; where they are too many to wait for, the worker is asked, and the answer is true. */
export function takeLedger(snapshotId: string, suffix: string, filter: Readonly<Record<string, string>>, name: string): Promise<boolean> {
	const base = `reports/snapshots/${snapshotId}`;
	return take(`${base}/ledger.${suffix}?${new URLSearchParams(filter)}`, name, `${base}/files`, { kind: `ledger.${suffix}`, ...filter });
}

/** Saves all places that one may see, as `takeLedger` does. */
export const takePlaces = (suffix: string, name: string): Promise<boolean> => take(`reports/places.${suffix}`, name, 'reports/places/files', { kind: `places.${suffix}` });

async function take(atOnce: string, name: string, orders: string, order: Readonly<Record<string, string>>): Promise<boolean> {
	try {
		await saveFrom(atOnce, name);
		return false;
	} catch (error) {
		if (!(error instanceof Refused) || error.code !== 'report.too-large') throw error;
	}
	await post<ReportFile>(orders, order);
	return true;
}
