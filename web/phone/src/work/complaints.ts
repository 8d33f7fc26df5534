/**
 * 投诉与建议: what somebody writes about the application, on the disk before anything is asked, sent when there is a line.
 *
 * What waits lies in a row of its own, sealed; what the server has lies as it told it last. Sent twice it is there once.
 */
import type { Home } from '../home/home';
import { openJson, sealJson } from '../keeping/vault';
import { Refusal, Unreached, type Door } from '../wire/door';

export type Kind = 'complaint' | 'suggestion';

/** What was written, as it goes to the server. */
export interface Written {
	readonly id: string;
	readonly kind: Kind;
	readonly text: string;
	readonly written_at: string;
	/** Why the server would not take it; it stays here. */
	readonly refused?: string;
}

/** One that the server has; see docs/protocol.md. */
export interface Complaint extends Written {
	readonly state: 'received' | 'answered';
	readonly answer: string | null;
	readonly answered_at: string | null;
}

const PATH = '/api/v1/sync/complaints';
const WAITING = 'complaint-';
const KNOWN = 'complaints';
const TYPED = 'typed-complaint';
/** Refusals of what was written itself: it would be refused again. */
const OF_ITSELF = [400, 422];
const DIFFERS = 'complaint.differs';
/** What is typed is kept letter by letter, one after the other: nothing older comes back over it. */
let typing: Promise<unknown> = Promise.resolve();

async function sealedAt<Value>(home: Home, name: string): Promise<Value | undefined> {
	return (await openJson((await home.database.told.get(name))?.value)) as Value | undefined;
}

async function seal(home: Home, name: string, what: unknown): Promise<void> {
	const value = await sealJson(what);
	await home.write(() => home.database.told.put({ name, value }));
}

/** What was written and has not arrived, the oldest first. */
export async function waitingOf(home: Home): Promise<readonly Written[]> {
	const rows = await home.database.told.where('name').startsWith(WAITING).toArray();
	const opened = (await Promise.all(rows.map((row) => openJson(row.value)))) as Written[];
	return opened.sort((one, other) => one.written_at.localeCompare(other.written_at));
}

/** What the server has of this person, as it was told last. */
export async function knownOf(home: Home): Promise<readonly Complaint[]> {
	return (await sealedAt<readonly Complaint[]>(home, KNOWN)) ?? [];
}

/** Keeps what was written; what was typed is it, and is typed no more. */
export async function write(home: Home, kind: Kind, text: string): Promise<void> {
	const written: Written = { id: crypto.randomUUID(), kind, text, written_at: new Date().toISOString() };
	const value = await sealJson(written);
	await typing;
	const { told } = home.database;
	await home.write(() =>
		home.database.transaction('rw', told, async () => {
			await told.put({ name: WAITING + written.id, value });
			await told.delete(TYPED);
		}),
	);
	await home.complaintsChanged();
}

/** Takes back what has not arrived. */
export async function takeBack(home: Home, id: string): Promise<void> {
	await home.database.told.delete(WAITING + id);
	await home.complaintsChanged();
}

/** What is typed and was not handed in yet. */
export async function typedOf(home: Home): Promise<string> {
	return (await sealedAt<string>(home, TYPED)) ?? '';
}

export function keepTyped(home: Home, text: string): Promise<void> {
	const turn = typing.then(() => seal(home, TYPED, text));
	typing = turn.catch(() => undefined);
	return turn;
}

/** Asks what the server has, and keeps it. Raises Refusal and Unreached. */
export async function fetchKnown(home: Home, door: Door): Promise<void> {
	const known = await door.ask('GET', `${PATH}/mine`);
	if (Array.isArray(known)) await seal(home, KNOWN, known);
}

/** Sends what waits; without anything, nothing is asked. Where the server can't be asked, it waits on. */
export async function sendComplaints(home: Home, door: Door): Promise<void> {
	for (const written of await waitingOf(home)) {
		if (written.refused !== undefined) continue;
		try {
			await sendOne(home, door, written);
		} catch (error) {
			const isRefused = error instanceof Refusal && (OF_ITSELF.includes(error.status) || error.code === DIFFERS);
			if (!isRefused) return;
			await seal(home, WAITING + written.id, { ...written, refused: error.message });
		}
		await home.complaintsChanged();
	}
}

async function sendOne(home: Home, door: Door, written: Written): Promise<void> {
	const arrived = (await door.ask('POST', PATH, written)) as Complaint | null;
	// What something on the way answers in the server's place is no word that it arrived.
	if (arrived?.id !== written.id) throw new Unreached('no answer of the server');
	const others = (await knownOf(home)).filter((each) => each.id !== arrived.id);
	const value = await sealJson([arrived, ...others]);
	const { told } = home.database;
	await home.write(() =>
		home.database.transaction('rw', told, async () => {
			await told.put({ name: KNOWN, value });
			await told.delete(WAITING + written.id);
		}),
	);
}
