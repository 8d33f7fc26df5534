/**
 * Carrying work to another phone in a parcel: what goes in, and what the other phone makes of it.
 *
 * A revision that is brought is never sealed anew: its bytes and signature are its author's, and it goes to the server as
 * any holder may give it back (docs/protocol.md, "In a new epoch"). From then on it is kept like work of one's own, with the
 * files that came with it, until it may be deleted (decision 0055). What is brought twice is there once.
 *
 * Complaints (投诉与建议) stay behind: they may be about whoever carries the parcel, and the server takes them from their
 * author only.
 */
import { givenBack } from '../../../sync/phoneOutbox.ts';
import type { Item, SealedOp } from '../../../sync/sealing.ts';
import type { Captured } from '../capture/captured';
import type { Home } from '../home/home';
import type { DraftRow } from '../keeping/database';
import { openedDraft } from '../keeping/draftRows';
import { openParcel, Packing, ParcelBroken, type Frame, type Header } from '../keeping/parcel';
import { isReceipted, isStored } from './arrival';
import { keepDraft, keepNew, takeDraft, typedIn } from './drafts';

const PART = 1_000_000; // bytes of a file in one frame

interface FileEntry {
	readonly name: string;
	readonly record: string;
	readonly type: string;
	readonly size: number;
	readonly sha256: string;
	readonly told: Captured;
}

/** A draft, and what was typed in it and is no answer yet; phones of before left that out. */
type CarriedDraft = DraftRow & { readonly typed?: Readonly<Record<string, string>> };

interface Contents {
	readonly ops: readonly SealedOp[];
	readonly drafts: readonly CarriedDraft[];
	readonly files: readonly FileEntry[];
}

/** Hears how far it is: from 0 to 1. */
export type Progress = (done: number) => void;

/** What was brought, in numbers. */
export interface Brought {
	readonly from: string;
	readonly records: number;
	readonly drafts: number;
	readonly files: number;
	/** Drafts of somebody else, which only that person goes on with. */
	readonly draftsLeft: number;
}

/** Packs all that is not known to be safe: operations, drafts, and the files of both. */
export async function pack(home: Home, passphrase: string, told: Progress): Promise<Blob> {
	const contents = await contentsOf(home);
	const packing = await Packing.begin({ person: home.person.id, name: home.person.name, device: home.device }, passphrase);
	await packing.json(contents);
	const all = contents.files.reduce((sum, file) => sum + file.size, 0);
	let done = 0;
	for (const { name, size } of contents.files) {
		const file = (await (await home.files).find(name))!;
		for (let at = 0; at < size; at += PART) {
			await packing.bytes(new Uint8Array(await (await file.slice(at, at + PART)).arrayBuffer()));
			done += Math.min(PART, size - at);
			told(all === 0 ? 1 : done / all);
		}
	}
	return packing.finish();
}

async function contentsOf(home: Home): Promise<Contents> {
	const state = home.state.value;
	const open = state.ops.filter((op) => !isReceipted(state, op) || op.media.some((sha256) => !isStored(state, sha256)));
	const files = await home.files;
	const named = new Set(open.flatMap((op) => op.media).filter((sha256) => !isStored(state, sha256)));
	const kept = await Promise.all([...named].map((sha256) => files.bySha256(sha256)));
	const ofDrafts = await Promise.all(home.drafts.value.map((draft) => files.ofRecord(draft.record)));
	const entries = new Map<string, FileEntry>();
	for (const file of [...kept, ...ofDrafts.flat()]) {
		if (!file) continue;
		const { name, record, type, size, sha256, told } = file;
		entries.set(name, { name, record, type, size, sha256, told });
	}
	const rows = await home.database.drafts.toArray();
	const drafts = rows.map(async (row) => ({ ...(await openedDraft(row)), typed: await typedIn(home, row.record) }));
	return { ops: open, drafts: await Promise.all(drafts), files: [...entries.values()] };
}

/** Who packed a parcel, and how much is in it; nothing is taken yet. Raises ParcelBroken and WrongPassphrase. */
export async function look(file: Blob, passphrase: string): Promise<{ header: Header; contents: Contents }> {
	const { header, frames } = await openParcel(file, passphrase);
	return { header, contents: contentsFrom(await frames.next()) };
}

function contentsFrom(first: IteratorResult<Frame>): Contents {
	if (first.done || !('json' in first.value)) throw new ParcelBroken();
	return first.value.json as Contents;
}

/** Takes all of a parcel into this phone's keeping. Raises what `look` does; what was taken before stays. */
export async function unpack(home: Home, file: Blob, passphrase: string, told: Progress): Promise<Brought> {
	const { header, frames } = await openParcel(file, passphrase);
	const { ops, drafts, files } = contentsFrom(await frames.next());
	const names = await takeFiles(home, files, frames, told);
	const isOwn = header.person === home.person.id;
	let records = 0;
	const here = new Set(files.map((each) => each.sha256));
	for (const op of ops) records += Number(await takeOperation(home, op, here));
	const wanted = files.filter((each) => ops.some((op) => op.media.includes(each.sha256)));
	for (const { sha256 } of wanted) {
		const requestEpoch = home.state.value.epoch;
		if (requestEpoch !== null) await home.happen({ type: 'MediaAbsent', sha256, requestEpoch });
	}
	const taken = isOwn ? await takeDrafts(home, drafts, names) : 0;
	return { from: header.name, records, drafts: taken, files: names.size, draftsLeft: isOwn ? 0 : drafts.length };
}

/** Keeps the files that are not here yet; gives their new names by those they had. */
async function takeFiles(
	home: Home,
	entries: readonly FileEntry[],
	frames: AsyncGenerator<Frame>,
	told: Progress,
): Promise<Map<string, string>> {
	const files = await home.files;
	const names = new Map<string, string>();
	for (const [place, entry] of entries.entries()) {
		// One picture may answer two questions: as two files, then, here as there.
		const taken = new Set(names.values());
		const here = (await files.ofRecord(entry.record)).find((each) => each.sha256 === entry.sha256 && !taken.has(each.name));
		const extension = /\.[A-Za-z0-9]{1,8}$/.exec(entry.name)?.[0] ?? '';
		const writing = here ? null : await files.begin({ record: entry.record, type: entry.type, extension, told: entry.told });
		try {
			for (let at = 0; at < entry.size; at += PART) {
				const { value } = await frames.next();
				if (!value || !('bytes' in value)) throw new ParcelBroken();
				await writing?.append(new Blob([value.bytes]));
			}
		} catch (error) {
			writing?.release();
			throw error;
		}
		const kept = here ?? (await writing!.finish());
		if (kept.sha256 !== entry.sha256) throw new ParcelBroken();
		names.set(entry.name, kept.name);
		told((place + 1) / entries.length);
	}
	return names;
}

/** Takes an operation into the outbox, a revision under an id of who brings it. Says whether it is new here; if not, its files may be. */
async function takeOperation(home: Home, op: SealedOp, files: ReadonlySet<string>): Promise<boolean> {
	const { value: state } = home.state;
	const isHere = [...state.ops, ...state.stubs.values()].some((each) => each.content === op.content);
	const media = op.media.filter((sha256) => files.has(sha256));
	const { op: _, ...item } = op.item;
	const brought =
		op.kind === 'revision' && op.record !== null
			? givenBack(state, op.rev, { record: op.record, item: item as Item }, media)
			: { ...op, media, ours: false };
	await home.happen({ type: 'Sealed', op: brought });
	return !isHere;
}

async function takeDrafts(home: Home, drafts: readonly CarriedDraft[], names: ReadonlyMap<string, string>): Promise<number> {
	let taken = 0;
	for (const { typed, ...draft } of drafts) {
		if (home.drafts.value.some((each) => each.record === draft.record)) continue;
		// Sealed here since; a version that the draft corrects is none of it.
		const sealed = home.state.value.ops.filter((op) => op.record === draft.record && op.kind === 'revision').at(-1);
		if (sealed && !draft.parents.includes(sealed.rev)) continue;
		let { xml } = draft;
		for (const [before, now] of names) xml = xml?.replaceAll(before, now) ?? null;
		await keepNew(home, { ...draft, xml });
		if (typed !== undefined) {
			await takeDraft(home, draft.record);
			await keepDraft(home, draft.record, { typed });
		}
		taken += 1;
	}
	return taken;
}
