/**
 * What a phone's fix says of a marker or a boundary: at most that something is suspected (疑似), never more.
 *
 * The numbers are those of forms/geodesy (rule 4.5): a phone's radius of 68 %, believed no better than 3 m, is made one
 * of 95 % that is shown and one of 99.9 % that decides. The server computes them again and its word holds.
 */
import { say } from '../texts';

const LEAST = 3; // metres, a single fix
const R95_PER_R68 = 1.62;
const LICENCE_ROUNDING = 0.1; // metres
const MARGIN_PER_UNCERTAINTY = 1.52;
export const MARKER_TOLERANCE = 0.5; // metres

export interface Verdict {
	readonly state: 'suspected' | 'inside' | 'undetermined';
	/** Metres to the registered position, or to the boundary (positive outside). */
	readonly distance: number;
	/** Metres; null where the phone told no accuracy. */
	readonly uncertainty: number | null;
	readonly margin: number | null;
}

/** How far off a fix may be, in metres; null where it told no radius. */
export function uncertaintyOf(radius: number): number | null {
	if (!(radius > 0 && Number.isFinite(radius))) return null;
	return roundedUp(Math.hypot(R95_PER_R68 * Math.max(radius, LEAST), LICENCE_ROUNDING));
}

function marginOf(radius: number): number | null {
	if (!(radius > 0 && Number.isFinite(radius))) return null;
	return roundedUp(MARGIN_PER_UNCERTAINTY * Math.hypot(R95_PER_R68 * Math.max(radius, LEAST), LICENCE_ROUNDING));
}

/** A marker's displacement: a phone can't show that nothing moved. */
export function judgeMarker(distance: number, radius: number): Verdict {
	const [d, margin] = [rounded(distance), marginOf(radius)];
	const isSuspected = margin !== null && rounded(d - margin) > MARKER_TOLERANCE;
	return { state: isSuspected ? 'suspected' : 'undetermined', distance: d, uncertainty: uncertaintyOf(radius), margin };
}

/** A measured point and the licensed area. */
export function judgeBoundary(distance: number, radius: number): Verdict {
	const [d, margin] = [rounded(distance), marginOf(radius)];
	const state = margin === null ? 'undetermined' : d > margin ? 'suspected' : d < -margin ? 'inside' : 'undetermined';
	return { state, distance: d, uncertainty: uncertaintyOf(radius), margin };
}

/** A verdict in words, with its uncertainty. */
export function toldVerdict(about: 'marker' | 'boundary', { state, distance, uncertainty }: Verdict): string {
	const metres = { far: Math.abs(distance).toFixed(1), off: uncertainty?.toFixed(1) ?? '?' };
	const where =
		about === 'marker'
			? say.value('{far} m from the registered position, 95 % uncertainty ±{off} m', metres)
			: distance > 0
				? say.value('{far} m outside the licensed boundary, 95 % uncertainty ±{off} m', metres)
				: say.value('{far} m inside the licensed boundary, 95 % uncertainty ±{off} m', metres);
	return `${where}：${say.value(WORDS[about][state])}`;
}

const WORDS = {
	marker: {
		suspected: 'displacement suspected; a survey has to confirm it',
		undetermined: 'can not be determined; tape the distances to reference objects',
		inside: '',
	},
	boundary: {
		suspected: 'crossing suspected; a survey has to confirm it',
		undetermined: 'within the error, can not be determined',
		inside: 'inside',
	},
} as const;

function rounded(metres: number): number {
	return Math.round(metres * 1000) / 1000;
}

function roundedUp(metres: number): number {
	return Math.ceil(Math.round(metres * 1e9) / 1e6) / 1000;
}
