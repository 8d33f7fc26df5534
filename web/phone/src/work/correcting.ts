/** Correcting a record that came back: what was sent, with the reviewer's words beside it. */
import { openText, sealText } from '../keeping/vault';
import { versionOf, withoutAnswers } from '../forms/instance';
import type { Body, Home } from '../home/home';
import type { MediaEntry } from '../keeping/database';
import { hashOf, Refusal, Unreached, type Door } from '../wire/door';
import { keepNew, NOT_HERE } from './drafts';

/** Signatures that vouch for a version and are given anew with the next; what the party signed stays as it signed it. */
const INSPECTORS = ['/data/sign/inspector1', '/data/sign/inspector2'];

export interface Definition {
	readonly version: string;
	readonly sha256: string;
	readonly text: string;
}

/** Begins to correct a record that came back, from the bytes of its head. The draft is on the disk when this resolves. */
export async function beginCorrection(home: Home, door: Door, record: string): Promise<void> {
	if (home.drafts.value.some((draft) => draft.record === record)) return;
	const body = home.body('record', record)!;
	const [head] = body['heads'] as string[];
	const revision = JSON.parse(await revisionText(home, door, head!)) as Body;
	const form = String(body['form']);
	const { version, sha256 } = await definitionFor(home, door, form, String(revision['form_version']));
	const before = String(revision['xml']);
	await keepNew(home, {
		record,
		task: body['task'],
		form,
		version,
		definition: sha256,
		xml: withoutAnswers(before, { paths: INSPECTORS }),
		parents: body['heads'],
		before,
		inherited: revision['media'] as MediaEntry[],
	});
}

/**
 * The definition of the version that a record was filled in with. Where it is not here (the record is a colleague's, or was
 * made on another phone) it is asked for: in the version in use now, answers would have no place. Raises Refusal and Unreached.
 */
export async function definitionFor(home: Home, door: Door, form: string, version: string): Promise<Definition> {
	const isWanted = (text: string) => {
		const found = versionOf(text);
		return found?.form === form && found.version === version;
	};
	const wanted = await home.database.blobs.filter(({ text }) => Boolean(text) && isWanted(text)).first(); // a revision's text is sealed
	if (wanted) return { version, ...wanted };
	try {
		const { bytes } = await door.reply('GET', `/api/v1/forms/${encodeURIComponent(form)}/versions/${encodeURIComponent(version)}/xform`);
		const text = new TextDecoder().decode(bytes);
		if (!isWanted(text)) throw new Unreached('no definition of that version');
		const sha256 = await hashOf(bytes);
		await home.database.blobs.put({ sha256, text });
		return { version, sha256, text };
	} catch (error) {
		throw error instanceof Unreached ? new Unreached(NOT_HERE) : error;
	}
}

/** The bytes of a revision as text: this phone's own, or what was fetched of it, or asked of the server now. */
export async function revisionText(home: Home, door: Door, rev: string): Promise<string> {
	const own = home.state.value.ops.find((op) => op.rev === rev && op.kind === 'revision');
	if (own) return new TextDecoder().decode(Uint8Array.from(atob(String(own.item['bytes'])), (each) => each.charCodeAt(0)));
	const sha256 = rev.replace('sha256:', '');
	const kept = await home.database.blobs.get(sha256);
	if (kept?.sealed) return openText(kept.sealed);
	const text = await door.blob(sha256);
	await home.database.blobs.put({ sha256, text: '', sealed: await sealText(text) });
	return text;
}

/** Fetches what came back and is not here, with its form, so that it can be corrected without a network. */
export async function fetchReturned(home: Home, door: Door): Promise<void> {
	for (const [key, entity] of home.state.value.view.entities) {
		const body = entity.body as Body;
		if (!key.startsWith('record\0') || body['state'] !== 'returned') continue;
		for (const head of body['heads'] as string[]) {
			const revision = JSON.parse(await revisionText(home, door, head)) as Body;
			await definitionFor(home, door, String(body['form']), String(revision['form_version'])).catch(unlessRefused);
		}
	}
}

/** A form that the server doesn't give holds up nothing else. */
function unlessRefused(error: unknown): void {
	if (!(error instanceof Refusal)) throw error;
}
