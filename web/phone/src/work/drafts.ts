/** Beginning a record, and keeping what is filled in. */
import type { Home } from '../home/home';
import type { Opening } from '../forms/engine';
import { csvOf } from '../forms/lists';
import { titleOf } from '../forms/titles';
import type { Kept } from '../forms/draftKeeper';
import type { DraftRow } from '../keeping/database';
import { TAB } from '../home/tabs';
import { openedDraft, sealedDraft } from '../keeping/draftRows';
import { openJson, sealJson, sealText } from '../keeping/vault';
import { rowOf } from './sections';

export const NOT_HERE = '表单尚未下载到本机，请先同步。 The form has not come to this phone yet.';
const GONE = '此记录的草稿已提交或已不在本机。 The draft of this record was sent, or is not on this phone.';
const ELSEWHERE = '此记录已在另一窗口打开，请到那里继续。 This record is open in another window; go on there.';

type Body = Readonly<Record<string, any>>;

export interface Mark {
	readonly path: string;
	readonly reason: string;
}

/** A draft with all that opening its form takes. */
export interface OpenDraft {
	readonly row: DraftRow;
	readonly title: string;
	readonly definition: string;
	readonly lists: Opening['lists'];
	readonly identity: Opening['identity'];
	readonly marks: readonly Mark[];
	readonly reason: string | null;
	/** What was typed when the draft was last kept, and had not become an answer. */
	readonly typed: Readonly<Record<string, string>>;
}

/** The version of a form that is in use now. */
export interface NewerForm {
	readonly version: string;
	readonly sha256: string;
	readonly definition: string;
}

/** A draft in another version of its form, and what found no place there. */
export type Carried = Required<Pick<DraftRow, 'version' | 'definition' | 'unfit'>> & {
	readonly xml: string;
	readonly typed: Readonly<Record<string, string>>;
};

/** Begins a record; the draft is on the disk before its form opens. Raises when the form is not here yet. */
export async function beginRecord(home: Home, task: string, form: string): Promise<string> {
	const body = home.body('form', form);
	if (!body || !(await home.database.blobs.get(body['sha256']))) throw new Error(NOT_HERE);
	const record = crypto.randomUUID();
	await keepNew(home, { record, task, form, version: body['version'], definition: body['sha256'], xml: null, parents: [] });
	return record;
}

/** Keeps a draft that nobody has typed into yet, and tells the reducer of it. */
export async function keepNew(home: Home, draft: Omit<DraftRow, 'beganAt' | 'savedAt'>): Promise<void> {
	const now = new Date().toISOString();
	const row: DraftRow = { ...draft, beganAt: now, savedAt: now };
	const stored = await sealedDraft(row);
	await home.happen({ type: 'Drafted', record: row.record, task: row.task }, async () => {
		await home.database.drafts.put(stored);
	});
	await home.draftsChanged();
}

/** Reads a draft. Raises when it is no longer there. */
export async function readDraft(home: Home, record: string): Promise<DraftRow> {
	const stored = await home.database.drafts.get(record);
	if (stored === undefined) throw new Error(GONE);
	return openedDraft(stored);
}

/**
 * Takes a draft for this tab, which alone writes it from now on: each tab holds the whole instance, and would write over
 * what was filled in in another.
 */
export async function takeDraft(home: Home, record: string): Promise<void> {
	const { drafts } = home.database;
	await home.write(() =>
		home.database.transaction('rw', drafts, async () => {
			// Not by what `update` says: it counts nothing where the tab is this one already.
			if ((await drafts.get(record)) === undefined) throw new Error(GONE);
			await drafts.update(record, { tab: TAB });
		}),
	);
}

/** Whether this tab is the one that writes a draft. */
export async function holdsDraft(home: Home, record: string): Promise<boolean> {
	return (await home.database.drafts.get(record))?.tab === TAB;
}

/** Raises, in words, unless this tab is the one that writes a draft. */
export async function mustHold(home: Home, record: string): Promise<void> {
	const stored = await home.database.drafts.get(record);
	if (stored?.tab !== TAB) throw new Error(stored === undefined ? GONE : ELSEWHERE);
}

/** What opening a form takes that no record is begun with yet; null where it has not come to this phone. */
export async function blankForm(home: Home, task: string, form: string): Promise<Opening | null> {
	const definition = await definitionText(home, String(home.body('form', form)?.['sha256']));
	return definition === undefined ? null : { definition, lists: listsOf(home), identity: identityOf(home), xml: null, task };
}

function identityOf(home: Home): Opening['identity'] {
	return { deviceID: home.device, username: home.person.id };
}

export async function openDraft(home: Home, record: string): Promise<OpenDraft> {
	const row = await readDraft(home, record);
	const definition = await definitionText(home, row.definition);
	if (definition === undefined) throw new Error(NOT_HERE);
	const body = home.body('record', record);
	return {
		row,
		title: titleOf(row.form, home.body('form', row.form)),
		definition,
		lists: listsOf(home),
		identity: identityOf(home),
		marks: row.parents.length > 0 ? ((body?.['marks'] as Mark[] | undefined) ?? []) : [],
		reason: row.parents.length > 0 ? (body?.['return_reason'] ?? null) : null,
		typed: await typedIn(home, record),
	};
}

async function definitionText(home: Home, sha256: string): Promise<string | undefined> {
	return (await home.database.blobs.get(sha256))?.text;
}

/** The version in use now, where a draft was begun with another; null while it is not on this phone. */
export async function newerForm(home: Home, row: DraftRow): Promise<NewerForm | null> {
	const form = home.body('form', row.form);
	const sha256 = String(form?.['sha256'] ?? row.definition);
	if (sha256 === row.definition) return null;
	const definition = await definitionText(home, sha256);
	return definition === undefined ? null : { version: String(form!['version']), sha256, definition };
}

/** What was typed when a draft was last kept, and had not become an answer, by reference. */
export async function typedIn(home: Home, record: string): Promise<Record<string, string>> {
	return ((await openJson((await home.database.told.get(typedName(record)))?.value)) as Record<string, string> | undefined) ?? {};
}

function typedName(record: string): string {
	return `typed-${record}`;
}

/** The lists that forms draw on, written from what the tasks on this phone know beforehand. */
export function listsOf(home: Home): Record<string, string> {
	const { entities, withdrawn } = home.state.value.view;
	const known = [...entities, ...withdrawn]
		.filter(([key]) => key.startsWith('task\0'))
		.map(([, task]) => task.body as Body);
	const markers = known.flatMap((body) => (body['prefill'] as { markers: Record<string, string>[] }).markers);
	return { 'tasks.csv': csvOf(known.map((body) => rowOf(body, home.person.id))), 'markers.csv': csvOf(markers) };
}

/** Keeps what changed of a draft; resolves when it is on the disk. Raises where another tab took it. */
export async function keepDraft(home: Home, record: string, kept: Kept): Promise<void> {
	const { drafts, told } = home.database;
	const xml = kept.xml === undefined ? undefined : await sealText(kept.xml);
	const value = kept.typed === undefined ? undefined : await sealJson(kept.typed);
	await home.write(() =>
		home.database.transaction('rw', drafts, told, async () => {
			await mustHold(home, record);
			const gone = kept.gone && { gone: kept.gone };
			if (xml !== undefined) await drafts.update(record, { xml, savedAt: new Date().toISOString(), ...gone });
			if (value !== undefined) await told.put({ name: typedName(record), value });
		}),
	);
}

/** Lets a draft go, within the transaction that keeps what became of it. */
export async function forgetDraft(home: Home, record: string): Promise<void> {
	await home.database.drafts.delete(record);
	await home.database.told.delete(typedName(record));
	// What the record does not name may still be asked for, should it come back.
	await home.database.files.where('record').equals(record).modify({ sealedAt: new Date().toISOString() });
}

/** Takes a draft over to another version of its form. What it was before stays beside it until it is sealed. */
export async function carryDraft(home: Home, record: string, { typed, ...to }: Carried): Promise<void> {
	const row = await readDraft(home, record);
	const { version, definition, xml } = row;
	const earlier = [...(row.earlier ?? []), { version, definition, xml: xml ?? '' }];
	const carried = await sealedDraft({ ...row, ...to, earlier, savedAt: new Date().toISOString() });
	const value = await sealJson(typed);
	const { drafts, told } = home.database;
	await home.database.transaction('rw', drafts, told, async () => {
		await mustHold(home, record);
		await drafts.put(carried);
		await told.put({ name: typedName(record), value });
	});
	await home.draftsChanged();
}
