/** How far a place is from a licensed boundary, as forms/geodesy/ground.py measures it. */
import { groundDistance, toGrid, toPlace, type GridPlace, type Place } from './ellipsoid';

/** The central meridian of the 3° zone of a longitude, in degrees. */
export function meridianOf(longitude: number): number {
	return 3 * Math.round(longitude / 3);
}

/**
 * Metres on the ground to a closed ring, positive outside.
 *
 * Corners are joined by straight lines in the grid, as a licence's area and maps are; the way to them is measured on
 * the ellipsoid.
 */
export function signedDistance(ring: readonly Place[], place: Place): number {
	const meridian = meridianOf(ring[0]![1]);
	const corners = ring.map((corner) => toGrid(corner, meridian));
	const point = toGrid(place, meridian);
	let nearest = Infinity;
	let isInside = false;
	corners.forEach((corner, index) => {
		const next = corners[(index + 1) % corners.length]!;
		nearest = Math.min(nearest, groundDistance(place, toPlace(foot(point, corner, next), meridian)));
		if (crosses(point, corner, next)) isInside = !isInside;
	});
	return isInside ? -nearest : nearest;
}

function foot([north, east]: GridPlace, [fromNorth, fromEast]: GridPlace, [toNorth, toEast]: GridPlace): GridPlace {
	const [alongNorth, alongEast] = [toNorth - fromNorth, toEast - fromEast];
	const length = alongNorth ** 2 + alongEast ** 2;
	const along = (north - fromNorth) * alongNorth + (east - fromEast) * alongEast;
	const share = length === 0 ? 0 : Math.min(1, Math.max(0, along / length));
	return [fromNorth + share * alongNorth, fromEast + share * alongEast];
}

/** Whether a line to the north of a point crosses an edge. */
function crosses([north, east]: GridPlace, [fromNorth, fromEast]: GridPlace, [toNorth, toEast]: GridPlace): boolean {
	if (fromEast > east === toEast > east) return false;
	return fromNorth + ((east - fromEast) / (toEast - fromEast)) * (toNorth - fromNorth) > north;
}

/** The corners of a geoshape as XForms write it; a last corner that repeats the first is left out. */
export function ringOf(geoshape: string): Place[] {
	const corners = geoshape.split(';').filter((each) => each.trim() !== '').map(placeOf);
	const [first, last] = [corners[0], corners.at(-1)];
	return corners.length > 1 && first![0] === last![0] && first![1] === last![1] ? corners.slice(0, -1) : corners;
}

/** The place of a geopoint as XForms write it. */
export function placeOf(geopoint: string): Place {
	const [latitude, longitude] = geopoint.trim().split(/\s+/).map(Number);
	return [latitude!, longitude!];
}
