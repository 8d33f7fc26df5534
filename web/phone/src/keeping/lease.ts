/**
 * The offline lease: for how long this phone shows tasks and records without having reached the server.
 *
 * Two clocks count, and the one that says more is believed: the wall clock since the server was last reached, and a sum
 * of what the forward-only clock counted while the application was open. A wall clock that went back is not believed:
 * each time costs a day. One that was set forward by mistake and corrected costs no more than that.
 */
import { reactive } from 'vue';
import { mono } from '../clock';
import type { Database } from './database';
import { openJson, sealJson } from './vault';

const HOUR = 3_600_000;
/** Milliseconds that a clock may be corrected by, and has not gone back. */
const CORRECTION = 300_000;
const SET_BACK = 24 * HOUR;
const TICK = 60_000;

export interface Lease {
	readonly hours: number;
	/** The wall clock when the server was last reached, and when it was last looked at; milliseconds. */
	readonly reached: number;
	readonly seen: number;
	/** Milliseconds that were counted since, and those that clocks gone back cost. */
	readonly counted: number;
	readonly cost: number;
}

export function leaseFrom(wall: number, hours: number): Lease {
	return { hours, reached: wall, seen: wall, counted: 0, cost: 0 };
}

/** Counts on: `passed` milliseconds of the forward-only clock, and what the wall clock says now. */
export function counted(lease: Lease, wall: number, passed: number): Lease {
	const wentBack = wall < lease.seen - CORRECTION;
	return { ...lease, seen: wall, counted: lease.counted + passed, cost: lease.cost + (wentBack ? SET_BACK : 0) };
}

/** Milliseconds that are left; negative when it is over. */
export function left(lease: Lease): number {
	return lease.hours * HOUR - Math.max(lease.seen - lease.reached, lease.counted) - lease.cost;
}

/** How the lease of whoever uses this phone stands. Null before the server was ever reached. */
export const lease = reactive({ left: null as number | null });

let held: Lease | null = null;
let last = 0;

/** Takes up a person's lease where it was left, and counts on. */
export async function holdLease(database: Database): Promise<void> {
	held = ((await openJson((await database.told.get('lease'))?.value)) as Lease | undefined) ?? null;
	last = mono();
	lease.left = null;
	await count(database);
}

/** The server was reached, and let this person on this phone in. */
export async function renewLease(database: Database, hours: number): Promise<void> {
	held = leaseFrom(Date.now(), hours);
	last = mono();
	await count(database);
}

async function count(database: Database): Promise<void> {
	if (held === null) return;
	const now = mono();
	held = counted(held, Date.now(), now - last);
	last = now;
	lease.left = left(held);
	const value = await sealJson(held);
	await database.told.put({ name: 'lease', value });
}

/** Counts on every minute and whenever somebody looks, until the signal. */
export function countLease(database: Database, signal: AbortSignal): void {
	const look = () => void count(database).catch(() => undefined);
	const timer = setInterval(look, TICK);
	document.addEventListener('visibilitychange', look, { signal });
	signal.addEventListener('abort', () => clearInterval(timer));
}
