/** Beginning a record, correcting one, and keeping what is typed. */
import type { Home } from '../home/home';
import { csvOf } from '../forms/lists';
import type { Captured } from '../forms/filling';
import type { DraftRow } from '../keeping/database';
import type { KeptFile } from '../keeping/keptFile';
import type { Door } from '../wire/door';

const NOT_HERE = '表单尚未下载到本机，请先同步。 The form has not come to this phone yet.';

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
	readonly lists: Readonly<Record<string, string>>;
	readonly identity: { readonly deviceID: string; readonly username: string };
	readonly marks: readonly Mark[];
	readonly reason: string | null;
	sealed: boolean;
	mayChange(reference: string): boolean;
}

/** Begins a record; the draft is on the disk before its form opens. Raises when the form is not here yet. */
export async function beginRecord(home: Home, task: string, form: string): Promise<string> {
	const body = home.body('form', form);
	if (!body || !(await home.database.blobs.get(body['sha256']))) throw new Error(NOT_HERE);
	const record = crypto.randomUUID();
	await keepNew(home, { record, task, form, version: body['version'], definition: body['sha256'], xml: null, parents: [] });
	return record;
}

/** Begins to correct a record that came back, from the bytes of its head. */
export async function beginCorrection(home: Home, door: Door, record: string): Promise<void> {
	if (home.drafts.value.some((draft) => draft.record === record)) return;
	const body = home.body('record', record)!;
	const form = home.body('form', body['form'])!;
	const [head] = body['heads'] as string[];
	const revision = JSON.parse(await revisionText(home, door, head!)) as Body;
	await keepNew(home, {
		record,
		task: body['task'],
		form: body['form'],
		version: form['version'],
		definition: form['sha256'],
		xml: revision['xml'],
		parents: body['heads'],
	});
}

/** Keeps a draft that nobody has typed into yet, and tells the reducer of it. */
export async function keepNew(home: Home, draft: Omit<DraftRow, 'beganAt' | 'savedAt'>): Promise<void> {
	const now = new Date().toISOString();
	const row: DraftRow = { ...draft, beganAt: now, savedAt: now };
	await home.happen({ type: 'Drafted', record: row.record, task: row.task }, async () => {
		await home.database.drafts.put(row);
	});
	await home.draftsChanged();
}

/** The bytes of a revision as text: this phone's own, or asked of the server. */
export async function revisionText(home: Home, door: Door, rev: string): Promise<string> {
	const own = home.state.value.ops.find((op) => op.rev === rev && op.kind === 'revision');
	if (own) return new TextDecoder().decode(Uint8Array.from(atob(String(own.item['bytes'])), (each) => each.charCodeAt(0)));
	const text = await door.ask('GET', `/api/v1/sync/blobs/${rev.replace('sha256:', '')}`);
	return typeof text === 'string' ? text : JSON.stringify(text);
}

export async function openDraft(home: Home, record: string): Promise<OpenDraft> {
	const row = (await home.database.drafts.get(record))!;
	const definition = (await home.database.blobs.get(row.definition))?.text;
	if (!definition) throw new Error(NOT_HERE);
	const body = home.body('record', record);
	const marks = (body?.['marks'] as Mark[] | undefined) ?? [];
	return {
		row,
		title: home.body('form', row.form)?.['title'] ?? row.form,
		definition,
		lists: listsOf(home),
		identity: { deviceID: home.device, username: home.person.id },
		marks,
		reason: body?.['return_reason'] ?? null,
		sealed: false,
		mayChange: (reference) =>
			marks.length === 0 || marks.some((mark) => reference === mark.path || reference.startsWith(`${mark.path}/`)),
	};
}

/** The lists that forms draw on, written from what the tasks on this phone know beforehand. */
function listsOf(home: Home): Record<string, string> {
	const { entities, withdrawn } = home.state.value.view;
	const known = [...entities, ...withdrawn]
		.filter(([key]) => key.startsWith('task\0'))
		.map(([, task]) => (task.body as Body)['prefill'] as { tasks: Record<string, string>; markers: Record<string, string>[] });
	return { 'tasks.csv': csvOf(known.map((each) => each.tasks)), 'markers.csv': csvOf(known.flatMap((each) => each.markers)) };
}

export async function keepDraft(home: Home, record: string, xml: string): Promise<void> {
	await home.database.drafts.update(record, { xml, savedAt: new Date().toISOString() });
}

/** The files of a record by name, each as the form engine has to know it. */
export async function filesOf(home: Home, record: string): Promise<Map<string, File>> {
	const kept = await (await home.files).ofRecord(record);
	return new Map(kept.map((file) => [file.name, named(file)]));
}

/** Keeps a captured file under a name of its own; resolves when it is on the disk. */
export async function keepFile(home: Home, record: string, file: File, told: Captured): Promise<File> {
	const extension = /\.[A-Za-z0-9]{1,8}$/.exec(file.name)?.[0] ?? '';
	return named(await (await home.files).keep({ record, type: file.type, extension, told }, file));
}

/** A file as the form engine has to know it: its name and type. Its bytes stay in our keeping. */
export function named(file: KeptFile): File {
	return new File([], file.name, { type: file.type });
}
