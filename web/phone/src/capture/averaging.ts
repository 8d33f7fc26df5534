/** The mean of many fixes, and how they are kept beside it. */
import type { KeptFile } from '../keeping/keptFile';
import type { Fix } from './captured';

/** Seconds and fixes that make a mean (domain rule 4.5). */
export const SECONDS = 30;
export const FIXES = 30;
/** Fixes that are kept, at most. */
const MOST = 60;

/** How the names of kept fixes end. */
export const RAW = '.fixes.json';

/** Fixes as they came, and where their mean stands in the answers. */
export interface Measurement {
	/** The mean's latitude and longitude as the answer has them. */
	readonly answer: string;
	readonly began: string;
	/** Latitude, longitude, accuracy, altitude, milliseconds since `began`. */
	readonly fixes: readonly (readonly [number, number, number, number | null, number])[];
}

/** The fixes that count: the last sixty. */
export function counted(fixes: readonly Fix[]): readonly Fix[] {
	return fixes.slice(-MOST);
}

/**
 * The mean of fixes, each weighing by its own accuracy.
 *
 * Its accuracy is the median of theirs: errors of fixes that follow each other are alike, so that a mean of many is not
 * believed to be much better than one of them.
 */
export function meanOf(fixes: readonly Fix[]): Fix {
	const known = fixes.filter((fix) => fix.accuracy > 0);
	const used = known.length > 0 ? known : fixes;
	const weigh = (fix: Fix) => (known.length > 0 ? 1 / fix.accuracy ** 2 : 1);
	const mean = (some: readonly Fix[], of: (fix: Fix) => number) =>
		some.reduce((sum, fix) => sum + weigh(fix) * of(fix), 0) / some.reduce((sum, fix) => sum + weigh(fix), 0);
	const high = used.filter((fix) => fix.altitude !== null);
	const radii = known.map((fix) => fix.accuracy).sort((one, other) => one - other);
	return {
		latitude: round(mean(used, (fix) => fix.latitude), 8),
		longitude: round(mean(used, (fix) => fix.longitude), 8),
		accuracy: radii.length > 0 ? round(radii[Math.floor(radii.length / 2)]!, 3) : 0,
		altitude: high.length > 0 ? round(mean(high, (fix) => fix.altitude!), 3) : null,
		at: fixes.at(-1)!.at,
	};
}

/** Fixes as they are kept beside the answer that their mean is. */
export function measurementOf(mean: Fix, fixes: readonly Fix[]): Measurement {
	const began = Date.parse(fixes[0]!.at);
	return {
		answer: answerOf(mean),
		began: fixes[0]!.at,
		fixes: fixes.map((fix) => [fix.latitude, fix.longitude, fix.accuracy, fix.altitude, Date.parse(fix.at) - began]),
	};
}

/** How an answer begins that is this position. */
export function answerOf({ latitude, longitude }: Fix): string {
	return `${latitude} ${longitude}`;
}

/** The measurements among a record's files whose mean is an answer in this instance. */
export async function measurementsIn(files: readonly KeptFile[], xml: string): Promise<Measurement[]> {
	const raw = files.filter((file) => file.name.endsWith(RAW));
	const all = await Promise.all(raw.map(async (file) => JSON.parse(await (await file.blob()).text()) as Measurement));
	return all.filter(({ answer }) => xml.includes(`>${answer} `));
}

function round(number: number, decimals: number): number {
	return Number(number.toFixed(decimals));
}
