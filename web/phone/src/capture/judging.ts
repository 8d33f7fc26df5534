/** What an answered position says, from what the form knows beside it. */
import type { Node } from '../forms/engine';
import { leaves } from '../forms/nodes';
import { phone } from '../phone';
import { groundDistance, toGrid, type Place } from './ellipsoid';
import { meridianOf, placeOf, ringOf, signedDistance } from './ring';
import { judgeBoundary, judgeMarker, toldVerdict } from './verdict';

export interface Told {
	readonly words: string;
	readonly isSuspected: boolean;
}

/**
 * The verdict on a geopoint; null where there is nothing to compare it with.
 *
 * As forms/positions.py has it: a group with `meas` is a marker, whose registered place the form looks up as
 * `lic_point`; one with `position` and `method` a measured point, to be compared with the licence's `boundary`. What was
 * measured by anything but a phone is for the server.
 */
export function verdictOn(node: Node, answer: string): Told | null {
	const [place, radius] = [placeOf(answer), Number(answer.split(' ')[3])];
	const method = beside(node, 'meas_method') ?? beside(node, 'method');
	if (method === undefined || !['', 'phone'].includes(method)) return null;
	const registered = beside(node, 'lic_point');
	if (registered !== undefined) {
		if (registered === '') return null;
		const verdict = judgeMarker(groundDistance(placeOf(registered), place), radius);
		return { words: toldVerdict('marker', verdict), isSuspected: verdict.state === 'suspected' };
	}
	const boundary = leaves(node.root).find((leaf) => leaf.currentState.reference.endsWith('/boundary'));
	const ring = ringOf(String(boundary?.currentState.value ?? ''));
	if (ring.length < 3 || hasMoreParts(ring[0]!)) return null;
	const verdict = judgeBoundary(signedDistance(ring, place), radius);
	return { words: toldVerdict('boundary', verdict), isSuspected: verdict.state === 'suspected' };
}

/** Whether the licence whose first ring begins here has other rings: a form knows the first only, the server all. */
function hasMoreParts([latitude, longitude]: Place): boolean {
	const rings = phone.objects.flatMap((object) => object.shapes).filter((shape) => shape.places.length > 1);
	const first = rings.find(({ places }) => Math.abs(places[0]![1] - latitude) < 1e-7 && Math.abs(places[0]![0] - longitude) < 1e-7);
	return first !== undefined && rings.filter((ring) => ring.name === first.name).length > 1;
}

/** What is answered beside a question; undefined where nothing of the name is asked. */
function beside(node: Node, name: string): string | undefined {
	const found = (node.parent.currentState.children as Node[]).find((each) => each.currentState.reference.endsWith(`/${name}`));
	return found && String(found.currentState.instanceValue ?? found.currentState.value ?? '');
}

/** A position in its 3° zone, as Chinese surveying writes it: X north, Y east with the zone's number. */
export function inGrid(answer: string): string {
	const place = placeOf(answer);
	const meridian = meridianOf(place[1]);
	const [north, east] = toGrid(place, meridian);
	return `X ${north.toFixed(1)}  Y ${(meridian / 3) * 1_000_000 + 500_000 + Math.round(east * 10) / 10} (CGCS2000 3°)`;
}
