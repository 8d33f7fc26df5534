import { readFileSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { counted, meanOf, measurementOf } from '../src/capture/averaging';
import type { Fix } from '../src/capture/captured';
import { directionOf } from '../src/capture/direction';
import { groundDistance, toGrid, toPlace, type Place } from '../src/capture/ellipsoid';
import { meridianOf, ringOf, signedDistance } from '../src/capture/ring';
import { judgeBoundary, judgeMarker, toldVerdict } from '../src/capture/verdict';

vi.hoisted(() => vi.stubGlobal('localStorage', { getItem: () => null }));

/** What forms/geodesy says of the same; tests/forms/phone_vectors.py wrote it. */
const SERVER = JSON.parse(readFileSync(new URL('../../../tests/forms/phone_vectors.json', import.meta.url), 'utf-8'));

test('ways on the ground are as long as the server measures them', () => {
	for (const { from, to, metres } of SERVER.ways) expect(groundDistance(from, to)).toBeCloseTo(metres, 6);
	expect(groundDistance([35, 112], [35, 112])).toBe(0);
});

test('a place lies in the grid where the server has it, and back', () => {
	for (const { place, meridian, grid } of SERVER.grid) {
		const [north, east] = toGrid(place, meridian);
		expect(meridianOf(place[1])).toBe(meridian);
		expect(Math.hypot(north - grid[0], east - grid[1])).toBeLessThan(0.0005);
		expect(groundDistance(toPlace([north, east], meridian), place)).toBeLessThan(0.0001);
	}
});

test('points and boundaries are judged as the server judges a phone: never more than suspected', () => {
	const states = new Set<string>();
	for (const { ring, points } of SERVER.boundaries) {
		for (const point of points) {
			const distance = signedDistance(ring as Place[], point.place);
			const verdict = judgeBoundary(distance, point.radius);
			expect(Math.abs(distance - point.metres)).toBeLessThan(0.002);
			expect([verdict.state, verdict.uncertainty, verdict.margin]).toEqual([point.state, point.uncertainty, point.margin]);
			states.add(verdict.state);
		}
	}
	expect(states).toEqual(new Set(['inside', 'suspected', 'undetermined']));
});

test('markers are judged as the server judges a phone', () => {
	const states = new Set<string>();
	for (const { distance, radius, state, metres, uncertainty, margin } of SERVER.markers) {
		const verdict = judgeMarker(distance, radius);
		expect(verdict).toEqual({ state, distance: metres, uncertainty, margin });
		states.add(verdict.state);
	}
	expect(states).toEqual(new Set(['suspected', 'undetermined']));
	expect(toldVerdict('marker', judgeMarker(30, 4))).toContain('疑似位移');
});

test('a boundary is read as a task brings it, closed or not', () => {
	expect(ringOf('35.1 112.1 0 0;35.2 112.1 0 0; 35.2 112.2 0 0;35.1 112.1 0 0')).toEqual([[35.1, 112.1], [35.2, 112.1], [35.2, 112.2]]);
	expect(ringOf('')).toEqual([]);
});

const fix = (latitude: number, accuracy: number, altitude: number | null, second: number): Fix => ({
	latitude,
	longitude: 112.41,
	accuracy,
	altitude,
	at: new Date(Date.UTC(2026, 10, 26, 1, 2, second)).toISOString(),
});

test('a mean leans towards the fixes that are surer, and is not believed to be better than they are', () => {
	const mean = meanOf([fix(35.0, 4, 700, 0), fix(35.0001, 8, null, 1), fix(35.0002, 0, 710, 2)]);

	expect(mean.latitude).toBeCloseTo((35.0 / 16 + 35.0001 / 64) / (1 / 16 + 1 / 64), 8);
	expect(mean.accuracy).toBe(8);
	expect(mean.altitude).toBe(700);
});

test('fixes without any accuracy are kept and make a mean that claims none', () => {
	const mean = meanOf([fix(35.0, 0, null, 0), fix(35.0002, 0, null, 1)]);

	expect([mean.latitude, mean.accuracy, mean.altitude]).toEqual([35.0001, 0, null]);
});

test('the single fixes stand beside their mean as they came, the last sixty of them', () => {
	const fixes = Array.from({ length: 70 }, (_, second) => fix(35 + second / 1e6, 5, null, second));
	const used = counted(fixes);
	const { answer, began, fixes: raw } = measurementOf(meanOf(used), used);

	expect(answer).toBe(`${meanOf(used).latitude} 112.41`);
	expect(raw).toHaveLength(60);
	expect(began).toBe(fixes[10]!.at);
	expect(raw[59]).toEqual([35.000069, 112.41, 5, null, 59_000]);
});

test('the compass tells where the camera looks, and nothing when it looks at the ground', () => {
	const upright = { beta: 90, gamma: 0, absolute: true };
	expect(directionOf({ ...upright, alpha: 0 })!.degrees).toBe(0);
	expect(directionOf({ ...upright, alpha: 270 })).toEqual({ degrees: 90, absolute: true });
	expect(directionOf({ alpha: 10, beta: 0, gamma: 0, absolute: true })).toBeNull();
	expect(directionOf({ alpha: null, beta: null, gamma: null, absolute: false, webkitCompassHeading: 33.4 })!.degrees).toBe(33);
});
