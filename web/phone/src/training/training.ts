/**
 * Training (演练): a space of its own on this phone, with an invented visit. It has no way to the server and no key to sign
 * with, so nothing in it can be submitted or pass for evidence.
 */
import Dexie from 'dexie';
import { watch } from 'vue';
import { Home, type Body } from '../home/home';
import { inventedVisit, TRAINING_TASK } from './invented';

const FORMS = ['mine_overstep', 'survey_quality'];
const EPOCH = 'training';

/** Opens the training space; the invented visit is put into it when it is new. */
export async function openTraining(real: Home): Promise<Home> {
	const home = await Home.openTraining(real.person, real.device);
	if (home.state.value.user === null) await home.happen({ type: 'LoggedIn', user: real.person.id, epoch: EPOCH, limits: null });
	await tellForms(real, home);
	return home;
}

/** Tells the training space of forms that have come to the real one since, whenever that has synced. Gives what ends it. */
export function heedForms(real: Home, home: Home, isSyncing: () => boolean): () => void {
	return watch(isSyncing, (is) => !is && void tellForms(real, home));
}

async function tellForms(real: Home, home: Home): Promise<void> {
	const forms = await formsOf(real, home);
	const known = home.body('task', TRAINING_TASK)?.['forms'];
	if (JSON.stringify(known) === JSON.stringify(forms)) return;
	const told = [...real.state.value.view.entities]
		.map(([key, { body }]) => [key.split('\0') as [string, string], body] as const)
		.filter(([[kind]]) => kind === 'form' || kind === 'list')
		.map(([[kind, id], body]) => ({ op: 'put' as const, kind, id, n: 1, body }));
	const items = [...told, ...inventedVisit(real.person, forms, new Date())];
	const page = { epoch: EPOCH, items, next: EPOCH, more: false };
	await home.happen({ type: 'PageArrived', requestEpoch: EPOCH, requestCursor: home.state.value.cursor, page: page as never });
}

/** Takes the definitions that the real space has; gives the forms of the visit, those of them that are here. */
async function formsOf(real: Home, home: Home): Promise<{ id: string; version: string }[]> {
	const forms = FORMS.map((id) => [id, real.body('form', id) as Body | undefined] as const);
	const known = forms.flatMap(([id, body]) => (body ? [{ id, version: String(body['version']), sha256: String(body['sha256']) }] : []));
	const held = await real.database.blobs.bulkGet(known.map((form) => form.sha256));
	await home.database.blobs.bulkPut(held.filter((blob) => blob !== undefined));
	return known.filter((_, place) => held[place] !== undefined).map(({ id, version }) => ({ id, version }));
}

/** Throws away everything of the training space. */
export async function forgetTraining(home: Home): Promise<void> {
	const { name } = home.database;
	home.close();
	await Dexie.delete(name);
	const root = await navigator.storage?.getDirectory?.();
	await root?.removeEntry(name, { recursive: true }).catch(() => undefined);
}
