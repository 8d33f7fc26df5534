/**
 * Distances and grids on the ellipsoid of CGCS2000 (GRS 80), as forms/geodesy has them on the server.
 *
 * The way between two places is Vincenty's inverse formula (Survey Review 23, 1975); the grid is Gauss-Kruger by
 * Krüger's series (1912) to the fourth order, right to less than a millimetre within a zone.
 */

export type Place = readonly [latitude: number, longitude: number];
/** Metres: north, and east of the central meridian. */
export type GridPlace = readonly [north: number, east: number];

const A = 6_378_137;
const F = 1 / 298.257222101;
const B = A * (1 - F);
const RADIAN = Math.PI / 180;

/** Metres of the geodesic between two places on the same side of the earth. */
export function groundDistance([latitude, longitude]: Place, [toLatitude, toLongitude]: Place): number {
	const reduced = (degrees: number) => Math.atan((1 - F) * Math.tan(degrees * RADIAN));
	const [one, other, apart] = [reduced(latitude), reduced(toLatitude), (toLongitude - longitude) * RADIAN];
	const [sinOne, cosOne, sinOther, cosOther] = [Math.sin(one), Math.cos(one), Math.sin(other), Math.cos(other)];
	let [lambda, before] = [apart, NaN];
	let [sinSigma, cosSigma, sigma, cosSqAlpha, middle] = [0, 1, 0, 1, 0];
	for (let turn = 0; turn < 100 && !(Math.abs(lambda - before) < 1e-13); turn += 1) {
		const [sin, cos] = [Math.sin(lambda), Math.cos(lambda)];
		sinSigma = Math.hypot(cosOther * sin, cosOne * sinOther - sinOne * cosOther * cos);
		if (sinSigma === 0) return 0;
		cosSigma = sinOne * sinOther + cosOne * cosOther * cos;
		sigma = Math.atan2(sinSigma, cosSigma);
		const sinAlpha = (cosOne * cosOther * sin) / sinSigma;
		cosSqAlpha = 1 - sinAlpha ** 2;
		middle = cosSqAlpha === 0 ? 0 : cosSigma - (2 * sinOne * sinOther) / cosSqAlpha;
		const c = (F / 16) * cosSqAlpha * (4 + F * (4 - 3 * cosSqAlpha));
		before = lambda;
		lambda = apart + (1 - c) * F * sinAlpha * (sigma + c * sinSigma * (middle + c * cosSigma * (-1 + 2 * middle ** 2)));
	}
	const u = (cosSqAlpha * (A * A - B * B)) / (B * B);
	const k = 1 + (u / 16384) * (4096 + u * (-768 + u * (320 - 175 * u)));
	const l = (u / 1024) * (256 + u * (-128 + u * (74 - 47 * u)));
	const inner = cosSigma * (-1 + 2 * middle ** 2) - (l / 6) * middle * (-3 + 4 * sinSigma ** 2) * (-3 + 4 * middle ** 2);
	return B * k * (sigma - l * sinSigma * (middle + (l / 4) * inner));
}

const N = F / (2 - F);
const MERIDIAN = (A / (1 + N)) * (1 + N ** 2 / 4 + N ** 4 / 64);
const ECCENTRICITY = Math.sqrt(F * (2 - F));
const ALPHA = [
	N / 2 - (2 * N ** 2) / 3 + (5 * N ** 3) / 16 + (41 * N ** 4) / 180,
	(13 * N ** 2) / 48 - (3 * N ** 3) / 5 + (557 * N ** 4) / 1440,
	(61 * N ** 3) / 240 - (103 * N ** 4) / 140,
	(49561 * N ** 4) / 161280,
];
const BETA = [
	N / 2 - (2 * N ** 2) / 3 + (37 * N ** 3) / 96 - N ** 4 / 360,
	N ** 2 / 48 + N ** 3 / 15 - (437 * N ** 4) / 1440,
	(17 * N ** 3) / 480 - (37 * N ** 4) / 840,
	(4397 * N ** 4) / 161280,
];

/** The grid position of a place around a central meridian in degrees. */
export function toGrid([latitude, longitude]: Place, meridian: number): GridPlace {
	const sin = Math.sin(latitude * RADIAN);
	const t = Math.sinh(Math.atanh(sin) - ECCENTRICITY * Math.atanh(ECCENTRICITY * sin));
	const apart = (longitude - meridian) * RADIAN;
	const xi = Math.atan2(t, Math.cos(apart));
	const eta = Math.asinh(Math.sin(apart) / Math.hypot(t, Math.cos(apart)));
	let [north, east] = [xi, eta];
	ALPHA.forEach((alpha, order) => {
		const twice = 2 * (order + 1);
		north += alpha * Math.sin(twice * xi) * Math.cosh(twice * eta);
		east += alpha * Math.cos(twice * xi) * Math.sinh(twice * eta);
	});
	return [MERIDIAN * north, MERIDIAN * east];
}

/** The place of a grid position around a central meridian in degrees. */
export function toPlace([north, east]: GridPlace, meridian: number): Place {
	let [xi, eta] = [north / MERIDIAN, east / MERIDIAN];
	const [fromXi, fromEta] = [xi, eta];
	BETA.forEach((beta, order) => {
		const twice = 2 * (order + 1);
		xi -= beta * Math.sin(twice * fromXi) * Math.cosh(twice * fromEta);
		eta -= beta * Math.cos(twice * fromXi) * Math.sinh(twice * fromEta);
	});
	const conformal = Math.sin(xi) / Math.hypot(Math.sinh(eta), Math.cos(xi));
	let t = conformal;
	for (let turn = 0; turn < 6; turn += 1) {
		const sigma = Math.sinh(ECCENTRICITY * Math.atanh((ECCENTRICITY * t) / Math.hypot(1, t)));
		const now = t * Math.hypot(1, sigma) - sigma * Math.hypot(1, t);
		const polar = 1 - ECCENTRICITY ** 2;
		// Newton's step: Karney, Transverse Mercator with an accuracy of a few nanometers (2011), equation 20.
		t += ((conformal - now) / Math.hypot(1, now)) * ((1 + polar * t * t) / (polar * Math.hypot(1, t)));
	}
	return [Math.atan(t) / RADIAN, meridian + Math.atan2(Math.sinh(eta), Math.cos(xi)) / RADIAN];
}
