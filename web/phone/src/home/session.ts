/** Who works on this phone: signing in and out, and the session that several tabs share. */
import { openDatabase, type Database } from '../keeping/database';
import { deviceKey, forgetDeviceKey, publicJwk, signed } from '../keeping/device';
import { enterVault, leaveVault, openJson, sealJson } from '../keeping/vault';
import { Door, Refusal, type Session, type SessionStore } from '../wire/door';
import { hearAbout } from './about';
import type { Person } from './home';
import { alone } from './tabs';

const ACCOUNT = 'person';
/** A key that was ended or revoked does not come back. */
const DEAD_KEY = ['device.key-ended', 'device.key-revoked'];

/** The session of a person on the disk. It is renewed by one tab at a time: a refresh token works once. */
export function sessionsOf(database: Database, key: CryptoKeyPair | null): SessionStore {
	return {
		read: async () => ((await openJson((await database.told.get('session'))?.value)) as Session | undefined) ?? null,
		keep: async (session) => {
			const value = session && (await sealJson(session));
			await database.told.put({ name: 'session', value });
			if (session) hearAbout(session.about);
		},
		alone: (doing) => alone(`${database.name}-session`, doing),
		prove: async (token) => key && signed(key, new TextEncoder().encode(`renew\0${token}`)),
	};
}

/** A session that nobody keeps: for finding out who signs in. */
export function passing(): SessionStore {
	return { read: async () => null, keep: async () => {}, alone: (doing) => doing(), prove: async () => null };
}

/** Who used this phone last and did not sign out. */
export function lastPerson(): Person | null {
	const kept = localStorage.getItem(ACCOUNT);
	return kept === null ? null : (JSON.parse(kept) as Person);
}

/** Calls back when whoever uses this phone signs out in another tab. */
export function whenSignedOutElsewhere(over: () => void): void {
	addEventListener('storage', ({ key, newValue }) => key === ACCOUNT && newValue === null && over());
}

/** Sets one's password with a one-time code of the administrator's. Raises Refusal and Unreached. */
export async function setPassword(username: string, code: string, password: string): Promise<void> {
	await new Door(passing()).ask('POST', '/api/v1/session/password', { username, code, password });
}

/**
 * Signs in, and keeps the session where the person's work is.
 *
 * Where this phone's key is over, a new one takes its place; what the old one signed is sent as it is.
 */
export async function signIn(device: string, username: string, password: string): Promise<Session> {
	// The key belongs to the person, and only the server knows who that is: it is asked twice the first time.
	const door = new Door(passing());
	const known = localStorage.getItem(`id-of-${username}`);
	const told: Record<string, unknown> = { id: device, name: deviceName() };
	const person = known ?? (await door.signIn(username, password, told)).user.id;
	let key = await deviceKey(person);
	const enter = async () => door.signIn(username, password, key ? { ...told, public_key: await publicJwk(key) } : told);
	const session = await enter().catch(async (error: unknown) => {
		if (!(error instanceof Refusal) || !DEAD_KEY.includes(error.code)) throw error;
		await forgetDeviceKey(person);
		key = await deviceKey(person);
		return enter();
	});
	localStorage.setItem(`id-of-${username}`, session.user.id);
	localStorage.setItem(ACCOUNT, JSON.stringify(session.user));
	await enterVault(session.user.id, session.escrow_key ?? null); // nothing is written before there is a PIN
	const database = openDatabase(session.user.id);
	await sessionsOf(database, key).keep(session);
	database.close();
	return session;
}

/** Ends the session. What is on the phone stays, and is there when the same person signs in again. */
export async function signOut(door: Door): Promise<void> {
	try {
		await door.signOut();
	} catch {
		// Without a network the session ends by itself.
	}
	localStorage.removeItem(ACCOUNT);
	leaveVault();
}

function deviceName(): string {
	return /\(([^)]*)\)/.exec(navigator.userAgent)?.[1]?.slice(0, 60) ?? 'browser';
}
