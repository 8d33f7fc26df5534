/** Reading a record as a whole, whether it is being filled in, sealed here, or came from the server. */
import { outbox } from '../../../sync/phoneState.ts';
import { titleOf } from '../forms/titles';
import type { Home } from '../home/home';
import type { Door } from '../wire/door';
import { definitionFor, revisionText } from './correcting';
import { listsOf, openDraft } from './drafts';

/** What opening a record's form takes, and what its document says of it. */
export interface ReadRecord {
	readonly record: string;
	readonly task: string;
	readonly title: string;
	readonly version: string;
	readonly definition: string;
	readonly lists: Readonly<Record<string, string>>;
	readonly identity: { readonly deviceID: string; readonly username: string };
	readonly xml: string | null;
	/** SHA-256 in hexadecimal by the names of files. */
	readonly hashes: ReadonlyMap<string, string>;
	readonly isSealed: boolean;
}

interface Sealed {
	readonly task: string;
	readonly form: string;
	readonly form_version: string;
	readonly xml: string;
	readonly media: readonly { readonly name: string; readonly sha256: string }[];
}

/** Reads a record. Raises when its form or, for somebody else's, its bytes are not on this phone and can't be fetched. */
export async function readRecord(home: Home, door: Door, record: string): Promise<ReadRecord> {
	if (home.drafts.value.some((draft) => draft.record === record)) {
		const { row, title, definition, lists, identity } = await openDraft(home, record);
		const kept = await (await home.files).ofRecord(record);
		const hashes = new Map([...(row.inherited ?? []), ...kept].map((file) => [file.name, file.sha256]));
		return { record, task: row.task, title, version: row.version, definition, lists, identity, xml: row.xml, hashes, isSealed: false };
	}
	const sealed = JSON.parse(await revisionText(home, door, headOf(home, record))) as Sealed;
	const definition = (await definitionFor(home, door, sealed.form, sealed.form_version)).text;
	return {
		record,
		task: sealed.task,
		title: titleOf(sealed.form, home.body('form', sealed.form)),
		version: sealed.form_version,
		definition,
		lists: listsOf(home),
		identity: { deviceID: home.device, username: home.person.id },
		xml: sealed.xml,
		hashes: new Map(sealed.media.map((file) => [file.name, file.sha256])),
		isSealed: true,
	};
}

/** The version to show: what was sealed here and waits, or the server's first head. */
function headOf(home: Home, record: string): string {
	const { state } = home;
	const isOurs = (op: { record: string | null; kind: string }) => op.record === record && op.kind === 'revision';
	const waiting = outbox(state.value).filter(isOurs).at(-1);
	const told = (home.body('record', record)?.['heads'] as string[] | undefined)?.[0];
	const head = waiting?.rev ?? told ?? state.value.ops.filter(isOurs).at(-1)?.rev;
	if (!head) throw new Error('本机没有这份记录。 This record is not on this phone.');
	return head;
}
