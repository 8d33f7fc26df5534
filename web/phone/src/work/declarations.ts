/**
 * What inspectors declare before an inspection begins: that they have no interest in it (回避声明), why they begin
 * although something is missing, and the code they scanned on entry. Kept for each task, and sealed with every record of it.
 */
import type { Home } from '../home/home';
import { openJson, sealJson } from '../keeping/vault';

export interface Recusal {
	readonly person: string;
	readonly name: string;
	readonly answer: 'no_interest' | 'recused';
	/** What this phone's clock read. */
	readonly at: string;
	/** Whose phone it was declared on. */
	readonly on: string;
}

export interface Override {
	/** What was missing, by the names of the checks. */
	readonly missing: readonly string[];
	readonly reason: string;
	readonly person: string;
	readonly at: string;
}

/** The code that was scanned or shown on entry (扫码入企). */
export interface EntryCode {
	readonly code: string;
	readonly how: 'scanned' | 'typed';
	readonly person: string;
	readonly at: string;
}

export interface Declarations {
	readonly recusal: readonly Recusal[];
	readonly overrides: readonly Override[];
	readonly entry?: EntryCode;
}

export const NOTHING_DECLARED: Declarations = { recusal: [], overrides: [] };

export async function declarationsOf(home: Home, task: string): Promise<Declarations> {
	return ((await openJson((await home.database.told.get(nameOf(task)))?.value)) as Declarations | undefined) ?? NOTHING_DECLARED;
}

/** Declares for an inspector; an earlier answer of the same person is replaced. */
export async function declareRecusal(home: Home, task: string, person: { id: string; name: string }, answer: Recusal['answer']): Promise<Declarations> {
	const said: Recusal = { person: person.id, name: person.name, answer, at: new Date().toISOString(), on: home.person.id };
	return change(home, task, (held) => ({ ...held, recusal: [...held.recusal.filter((each) => each.person !== person.id), said] }));
}

/** Notes why an inspection begins although something is missing. */
export async function noteOverride(home: Home, task: string, missing: readonly string[], reason: string): Promise<Declarations> {
	const noted: Override = { missing, reason, person: home.person.id, at: new Date().toISOString() };
	return change(home, task, (held) => ({ ...held, overrides: [...held.overrides, noted] }));
}

/** Notes the code of the entry; a later one takes its place. */
export async function noteEntry(home: Home, task: string, code: string, how: EntryCode['how']): Promise<Declarations> {
	const entry: EntryCode = { code, how, person: home.person.id, at: new Date().toISOString() };
	return change(home, task, (held) => ({ ...held, entry }));
}

let line: Promise<unknown> = Promise.resolve();

/** One change after another, each sealed before it is written. */
function change(home: Home, task: string, how: (held: Declarations) => Declarations): Promise<Declarations> {
	const turn = line.then(async () => {
		const next = how(await declarationsOf(home, task));
		await home.database.told.put({ name: nameOf(task), value: await sealJson(next) });
		return next;
	});
	line = turn.catch(() => undefined);
	return turn;
}

function nameOf(task: string): string {
	return `declared-${task}`;
}
