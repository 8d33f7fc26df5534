/** Boundaries as drawings: a small flat map, true to scale, north up. */
export type Place = readonly [longitude: number, latitude: number];

/** One polygon: its outer ring, then its holes. */
export type Polygon = readonly (readonly Place[])[];

export interface Shape {
	readonly name: string;
	/** One place is a marker; more are a ring. */
	readonly places: readonly Place[];
}

export interface Drawing {
	readonly rings: readonly string[];
	readonly points: readonly { name: string; x: number; y: number }[];
	readonly scale: { readonly pixels: number; readonly told: string };
}

/** The middle of shapes; null when there are none. */
export function middleOf(shapes: readonly Shape[]): Place | null {
	const all = shapes.flatMap((shape) => shape.places);
	if (all.length === 0) return null;
	const sum = all.reduce(([x, y], [longitude, latitude]) => [x + longitude, y + latitude] as const, [0, 0] as const);
	return [sum[0] / all.length, sum[1] / all.length];
}

/** Metres between two places, on a sphere: good to half a percent, which is enough to say who is nearer. */
export function distance(one: Place, other: Place): number {
	const shrink = Math.cos(((one[1] + other[1]) * Math.PI) / 360);
	return DEGREE * Math.hypot((one[0] - other[0]) * shrink, one[1] - other[1]);
}

/** A place in degrees, minutes and seconds, to the hundredth: a third of a metre. */
export function degrees([longitude, latitude]: Place): string {
	return `${sexagesimal(latitude)} ${latitude >= 0 ? 'N' : 'S'}　${sexagesimal(longitude)} ${longitude >= 0 ? 'E' : 'W'}`;
}

function sexagesimal(value: number): string {
	const hundredths = Math.round(Math.abs(value) * 360_000);
	const seconds = ((hundredths % 6000) / 100).toFixed(2).padStart(5, '0');
	return `${Math.floor(hundredths / 360_000)}°${String(Math.floor(hundredths / 6000) % 60).padStart(2, '0')}′${seconds}″`;
}

const MARGIN = 28;
const DEGREE = 111_320; // metres of latitude

/** Draws shapes into a square of `size` pixels. */
export function outline(shapes: readonly Shape[], size: number): Drawing {
	const all = shapes.flatMap((shape) => shape.places);
	const middle = all.reduce((sum, [, latitude]) => sum + latitude, 0) / all.length;
	const shrink = Math.cos((middle * Math.PI) / 180);
	const flat = ([longitude, latitude]: Place) => [longitude * DEGREE * shrink, latitude * DEGREE] as const;
	const xs = all.map((place) => flat(place)[0]);
	const ys = all.map((place) => flat(place)[1]);
	const left = Math.min(...xs);
	const top = Math.max(...ys);
	const span = Math.max(Math.max(...xs) - left, top - Math.min(...ys), 1);
	const factor = (size - 2 * MARGIN) / span;
	const put = (place: Place) => ({ x: (flat(place)[0] - left) * factor + MARGIN, y: (top - flat(place)[1]) * factor + MARGIN });
	const ring = (places: readonly Place[]) =>
		places.map(put).map(({ x, y }, index) => `${index === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`).join('') + 'Z';
	const metres = roundDown(span / 3);
	return {
		rings: shapes.filter((shape) => shape.places.length > 1).map((shape) => ring(shape.places)),
		points: shapes.filter((shape) => shape.places.length === 1).map((shape) => ({ name: shape.name, ...put(shape.places[0]!) })),
		scale: { pixels: metres * factor, told: metres >= 1000 ? `${metres / 1000} km` : `${metres} m` },
	};
}

function roundDown(metres: number): number {
	const power = 10 ** Math.floor(Math.log10(metres));
	return ([5, 2, 1].find((each) => each * power <= metres) ?? 1) * power;
}
