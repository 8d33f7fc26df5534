/** Two phones changed one record: what the server proposes, kept here, and the draft that a person makes of it. */
import type { Home } from '../home/home';
import { openJson, sealJson } from '../keeping/vault';
import { Refusal, Unreached, type Door } from '../wire/door';
import { definitionFor } from './correcting';
import { keepNew } from './drafts';
import { keepPictures } from './mergePictures';
import type { MergeDraft, Proposal } from './proposal';

/** By path of a clash the head that is taken there. */
export type Choices = Readonly<Record<string, string>>;

interface Kept {
	readonly proposal: Proposal;
	/** The draft that takes one head's word wherever it has one, by head. */
	readonly drafts: Readonly<Record<string, MergeDraft>>;
}

/** This choice needs the server, and it is not to be reached. */
export class NeedsNetwork extends Error {}

const nameOf = (record: string) => `merge ${record}`;

/** Fetches a proposal with all that choosing without a network takes, unless it is here already. */
export async function fetchMerge(home: Home, door: Door, record: string): Promise<void> {
	const heads = [...((home.body('record', record)?.['heads'] as readonly string[] | undefined) ?? [])].sort();
	const kept = await keptMerge(home, record);
	const known = kept?.proposal.heads.map((head) => head.rev).sort() ?? [];
	if (kept && known.join() === heads.join()) return;
	const proposal = (await door.ask('GET', `/api/v1/records/${record}/merge`)) as Proposal;
	const drafts: Record<string, MergeDraft> = {};
	if (!proposal.versions_differ && proposal.clashes.length > 0) {
		for (const { rev } of proposal.heads) drafts[rev] = await askDraft(door, record, wordOf(proposal, rev));
	}
	const versions = [proposal.resolution, ...Object.values(drafts)].flatMap((draft) => draft?.form_version ?? []);
	for (const version of new Set(versions)) await definitionFor(home, door, proposal.form, version);
	await home.database.told.put({ name: nameOf(record), value: await sealJson({ proposal, drafts }) });
}

/** Fetches the proposals for all records in conflict, and the pictures that they show. */
export async function fetchMerges(home: Home, door: Door): Promise<void> {
	const proposals: Proposal[] = [];
	for (const [key, entity] of home.state.value.view.entities) {
		if (!key.startsWith('record\0') || (entity.body as { state: string }).state !== 'conflicted') continue;
		const record = key.slice('record\0'.length);
		await fetchMerge(home, door, record).catch(unlessRefused);
		const kept = await keptMerge(home, record);
		if (kept) proposals.push(kept.proposal);
	}
	await keepPictures(home, door, proposals).catch(unlessRefused);
}

/** What can't be fetched now is fetched with a later sync. */
function unlessRefused(error: unknown): void {
	if (!(error instanceof Unreached) && !(error instanceof Refusal)) throw error;
}

/** The proposal as it was last fetched; null where it never was. */
export async function proposalOf(home: Home, door: Door, record: string): Promise<Proposal | null> {
	await fetchMerge(home, door, record).catch(unlessRefused);
	return (await keptMerge(home, record))?.proposal ?? null;
}

async function keptMerge(home: Home, record: string): Promise<Kept | null> {
	const row = await home.database.told.get(nameOf(record));
	return row === undefined ? null : ((await openJson(row.value)) as Kept);
}

/** One head's word wherever it has one, somebody else's elsewhere. */
function wordOf(proposal: Proposal, rev: string): Choices {
	return Object.fromEntries(proposal.clashes.map((clash) => [clash.path, clash.heads.includes(rev) ? rev : clash.heads[0]!]));
}

async function askDraft(door: Door, record: string, choices: Choices): Promise<MergeDraft> {
	return (await door.ask('POST', `/api/v1/records/${record}/merge`, { choices })) as MergeDraft;
}

/**
 * Makes a draft of what was chosen, that the form then computes anew, is looked at, signed and sealed as one version of
 * all heads. Raises NeedsNetwork, and Refusal when the record is in conflict no more.
 */
export async function resolve(home: Home, door: Door, record: string, choices: Choices): Promise<void> {
	if (home.drafts.value.some((draft) => draft.record === record)) {
		throw new Error('这条记录还有未提交的草稿，请先处理草稿。 There is a draft of this record; see to it first.');
	}
	const kept = (await keptMerge(home, record))!;
	const draft = kept.proposal.resolution ?? (await composed(door, record, kept, choices));
	const { version, sha256 } = await definitionFor(home, door, kept.proposal.form, draft.form_version);
	await keepNew(home, {
		record,
		task: kept.proposal.task,
		form: kept.proposal.form,
		version,
		definition: sha256,
		xml: draft.xml,
		parents: draft.parents,
		inherited: draft.media,
	});
}

async function composed(door: Door, record: string, kept: Kept, choices: Choices): Promise<MergeDraft> {
	try {
		return await askDraft(door, record, choices);
	} catch (error) {
		if (!(error instanceof Unreached)) throw error;
		return composeHere(kept, choices);
	}
}

/** Composes a draft without a network: the one of the head that is chosen most, with single answers of the others. */
export function composeHere({ proposal, drafts }: Kept, choices: Choices): MergeDraft {
	const differing = (rev: string) => proposal.clashes.filter((clash) => wordOf(proposal, rev)[clash.path] !== choices[clash.path]);
	const [onto] = Object.keys(drafts).sort((one, other) => differing(one).length - differing(other).length);
	const base = drafts[onto!]!;
	const instance = new DOMParser().parseFromString(base.xml, 'text/xml');
	for (const clash of differing(onto!)) {
		const found = clash.values.find((each) => each.rev === choices[clash.path])?.value ?? null;
		const place = instance.evaluate(clash.path, instance, null, XPathResult.FIRST_ORDERED_NODE_TYPE).singleNodeValue;
		if (clash.unit !== 'answer' || !place || (found && 'rows' in found)) throw new NeedsNetwork();
		place.textContent = found ? found.text : '';
	}
	const media = Object.values(drafts).flatMap((draft) => draft.media);
	const byName = new Map([...media, ...base.media].map((entry) => [entry.name, entry]));
	return { ...base, xml: new XMLSerializer().serializeToString(instance), media: [...byName.values()] };
}
