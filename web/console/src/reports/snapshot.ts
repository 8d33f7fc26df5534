/** Frozen snapshots and what is counted from them. */
export interface Snapshot {
	readonly id: string;
	readonly region: string;
	readonly first: string;
	readonly last: string;
	readonly as_of: string;
	readonly rows: number;
	readonly sha256: string;
}

export interface Share {
	readonly part: number;
	readonly whole: number;
	readonly percent: string | null;
}

export const FIGURES = [
	['completion', 'Published of drawn'],
	['entry_in_time', 'Entered in time'],
	['publication', 'Published of inspected'],
	['discovery', 'Problems found'],
	['revisits', 'Revisited'],
] as const;

export type Figure = (typeof FIGURES)[number][0];

export interface RateLine extends Readonly<Record<Figure, Share>> {
	readonly code: string;
	readonly name: string;
	readonly drawn: number;
	readonly inspected: number;
}

export interface Rates {
	readonly snapshot: Snapshot;
	readonly regions: readonly RateLine[];
	readonly items: readonly RateLine[];
	readonly total: RateLine;
}

/** A share in per cent, as it is told everywhere. */
export const percent = (share: Share | undefined): string => (share?.percent ? `${share.percent}%` : '—');

/** By how many points a share has changed, with its sign; nothing where either is a share of nothing. */
export function change(now: Share, before: Share | undefined): string {
	if (!now.percent || !before?.percent) return '';
	const points = Math.round(100 * (Number(now.percent) - Number(before.percent))) / 100;
	return points === 0 ? '±0' : `${points > 0 ? '+' : '−'}${Math.abs(points).toFixed(2)}`;
}

export const periodOf = (snapshot: Snapshot): string => `${snapshot.first} — ${snapshot.last}`;
