/** The offline lease, whatever somebody does to the phone's clock. */
import { expect, test } from 'vitest';
import { counted, leaseFrom, left } from '../src/keeping/lease';

const HOUR = 3_600_000;
const NOON = Date.UTC(2026, 10, 26, 4);
const fresh = leaseFrom(NOON, 72);

test('three days after the server was last reached the lease is over', () => {
	expect(left(counted(fresh, NOON + 71 * HOUR, 60_000))).toBe(HOUR);
	expect(left(counted(fresh, NOON + 73 * HOUR, 60_000))).toBeLessThan(0);
});

test('a clock that stands still does not stop the lease while the application is open', () => {
	expect(left(counted(fresh, NOON, 73 * HOUR))).toBeLessThan(0);
});

test('a clock that is set back costs a day each time, so that it does not help', () => {
	let lease = counted(fresh, NOON + 20 * HOUR, 0);
	for (let day = 0; day < 3; day += 1) lease = counted(counted(lease, NOON, 0), NOON + 20 * HOUR, 0);
	expect(left(lease)).toBeLessThan(0);
});

test('a clock that was set forward by mistake and corrected costs a day and no more', () => {
	const wrong = counted(fresh, NOON + 1000 * HOUR, 60_000);
	expect(left(wrong)).toBeLessThan(0);
	expect(left(counted(wrong, NOON + HOUR, 60_000))).toBe(47 * HOUR);
});

test('a clock that is corrected by a few minutes costs nothing', () => {
	expect(left(counted(counted(fresh, NOON + HOUR, 0), NOON + HOUR - 120_000, 0))).toBeGreaterThan(70 * HOUR);
});
