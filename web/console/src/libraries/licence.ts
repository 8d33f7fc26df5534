/** Licences, their boundaries and markers as the server tells them, and what is asked of them. */
import type { Feature, FeatureCollection, MultiPolygon, Point, Polygon } from 'geojson';
import type { Place, Shape } from '../../../phone/src/shapes';
import { language } from '../texts';
import type { Asked } from './asked';
import { LICENCES } from './object';

export interface Finding {
	readonly kind: string;
	readonly severity: 'error' | 'warning' | 'correction' | 'note';
	readonly message: string;
	readonly message_en: string;
	readonly row: number | null;
}

export interface Ring {
	readonly hole: boolean;
	readonly corners: readonly (readonly [name: string, x: number, y: number])[];
}

export type Boundary = Feature<Polygon | MultiPolygon>;

export interface Licence {
	readonly id: string;
	readonly kind: string;
	readonly licence_no: string;
	readonly holder: string;
	readonly issuer: string;
	readonly valid_from: string | null;
	readonly valid_to: string | null;
	readonly ended_on: string | null;
	readonly ended_because: string | null;
	readonly mineral: string | null;
	readonly area_km2: number | null;
	readonly computed_area_km2: number | null;
	readonly elevation_upper: number | null;
	readonly elevation_lower: number | null;
	readonly grade: string | null;
	readonly epsg: number | null;
	readonly rings: readonly Ring[];
	readonly boundary: Boundary | null;
	readonly markers: FeatureCollection<Point> | null;
}

export interface Reading {
	readonly usable: boolean;
	readonly findings: readonly Finding[];
	readonly boundary?: Boundary | null;
	readonly computed_area_km2?: number | null;
	readonly markers?: FeatureCollection<Point>;
}

export interface Version {
	readonly part: 'licence' | 'markers';
	readonly number: number;
	readonly since: string | null;
	readonly until: string | null;
	readonly source: string;
	readonly entered_at: string | null;
	readonly entered_by: string;
	readonly licence?: Licence;
	readonly markers?: FeatureCollection<Point>;
}

/** A row of the table of markers, as it is written. */
export interface MarkerRow {
	marker_no: string;
	x: string;
	y: string;
	corner: string;
	elevation: string;
}
export const MARKER_COLUMNS = [
	['marker_no', 'Marker no.'],
	['x', 'X (north) or latitude'],
	['y', 'Y (east) or longitude'],
	['corner', 'Corner it stands for'],
	['elevation', 'Elevation (m)'],
] as const satisfies readonly (readonly [keyof MarkerRow, string])[];

const ZONES = [...Array.from({ length: 21 }, (_, place) => 25 + place), ...Array.from({ length: 11 }, (_, place) => 13 + place)];
const zoneName = (zone: number): string => (zone >= 25 ? `3° · ${zone} · ${3 * zone}°E` : `6° · ${zone} · ${6 * zone - 3}°E`);

/** What a licence says but its corners, by its kind. */
export function askedOfLicence(kind: string, isNew: boolean): readonly Asked[] {
	return [
		{ key: 'licence_no', name: 'Licence no.', isRequired: true, most: 60, isFixed: !isNew },
		{ key: 'kind', name: 'Kind of licence', kind: 'choice', options: LICENCES, isRequired: true },
		{ key: 'holder', name: 'Holder' },
		{ key: 'issuer', name: 'Issued by' },
		{ key: 'valid_from', name: 'Licence from', kind: 'day' },
		{ key: 'valid_to', name: 'Licence until', kind: 'day' },
		...(kind === 'surveying'
			? ([
					{ key: 'grade', name: 'Grade' },
					{ key: 'scope', name: 'Professional scope', kind: 'long', most: 1000 },
				] as const)
			: ([
					{ key: 'mineral', name: 'Mineral' },
					{ key: 'method', name: 'Way of mining' },
					{ key: 'scale', name: 'Scale of production' },
					{ key: 'area_km2', name: 'Licensed area (km²)', kind: 'number' },
					{ key: 'elevation_upper', name: 'Upper elevation (m)', kind: 'number' },
					{ key: 'elevation_lower', name: 'Lower elevation (m)', kind: 'number' },
					{ key: 'zone', name: 'Zone, where Y lacks it', kind: 'choice', options: ZONES.map((zone) => [String(zone), zoneName(zone)] as const), isOwn: true },
				] as const)),
	];
}
/** From when what is said counts, and where it is from. */
export const VERSION: readonly Asked[] = [
	{ key: 'since', name: 'Counts from', kind: 'day' },
	{ key: 'source', name: 'Where this is from', isRequired: true },
];

/** Corners as they stand on a licence, which the server reads back as the same rings. */
export const cornersText = (rings: readonly Ring[]): string =>
	rings.map(({ hole, corners }, place) => [...(hole ? ['除外'] : place > 0 ? ['*'] : []), ...corners.map(([name, x, y]) => `${name}${name ? ',' : ''}${x.toFixed(4)},${y.toFixed(4)}`)].join('\n')).join('\n');

export const wordsOf = (finding: Finding): string => (language.value === 'zh' ? finding.message : finding.message_en);

const asPlace = (position: readonly number[]): Place => [position[0]!, position[1]!];
export function ringsOf(boundary: Boundary | null | undefined): readonly Shape[] {
	const shape = boundary?.geometry;
	if (!shape) return [];
	const polygons = shape.type === 'Polygon' ? [shape.coordinates] : shape.coordinates;
	return polygons.flat().map((ring) => ({ name: '', places: ring.map(asPlace) }));
}
export const pointsOf = (markers: FeatureCollection<Point> | null | undefined): readonly Shape[] => (markers?.features ?? []).map(({ geometry, properties }) => ({ name: String(properties?.['marker_no'] ?? ''), places: [asPlace(geometry.coordinates)] }));

/** Cells of a table that was copied from a sheet or written with commas. */
export const cellsOf = (text: string): readonly (readonly string[])[] =>
	text
		.split(/\r?\n|；|;/)
		.filter((line) => line.trim() !== '')
		.map((line) => line.split(/\t|,|，|、|\s{1,}/).map((cell) => cell.trim()));

export const blankRow = (): MarkerRow => ({ marker_no: '', x: '', y: '', corner: '', elevation: '' });
export const rowsOf = (markers: FeatureCollection<Point> | null): MarkerRow[] =>
	(markers?.features ?? []).map(({ properties }) => Object.fromEntries(MARKER_COLUMNS.map(([key]) => [key, String(properties?.[key] ?? '')])) as unknown as MarkerRow);

/** What is wrong in the cells themselves, before the server is asked: which row lacks what. */
export function lacking(rows: readonly MarkerRow[]): readonly (readonly [row: number, what: string])[] {
	return rows.flatMap((row, place) => {
		const missing = MARKER_COLUMNS.filter(([key]) => (key === 'elevation' ? row.elevation !== '' && !isNumber(row.elevation) : key === 'x' || key === 'y' ? !isNumber(row[key]) : key === 'marker_no' && !row.marker_no));
		return missing.map(([, name]) => [place + 1, name] as const);
	});
}
const isNumber = (text: string): boolean => text.trim() !== '' && Number.isFinite(Number(text));

export const asDrafts = (rows: readonly MarkerRow[]): readonly object[] =>
	rows.map(({ marker_no, x, y, corner, elevation }) => ({ marker_no, x: Number(x), y: Number(y), corner: corner || null, kind: corner ? 'corner' : 'extra', elevation: elevation === '' ? null : Number(elevation) }));
