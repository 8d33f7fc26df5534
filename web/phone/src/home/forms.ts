/** Forms and lists that were told of, fetched so that they are there without a network. */
import { Refusal, type Door } from '../wire/door';
import type { Body, Home } from './home';

/** Answers that are about one form or list. */
const OF_ONE = [404, 410];

/** Fetches what is not here. One that is gone holds up no others; without a network, a session or leave none would come. */
export async function fetchForms({ database, state }: Pick<Home, 'database' | 'state'>, door: Pick<Door, 'blob'>): Promise<void> {
	for (const [key, told] of state.value.view.entities) {
		const sha256 = /^(form|list)\0/.test(key) ? String((told.body as Body)['sha256']) : '';
		if (!sha256 || (await database.blobs.get(sha256))) continue;
		try {
			await database.blobs.put({ sha256, text: await door.blob(sha256) });
		} catch (error) {
			if (!(error instanceof Refusal) || !OF_ONE.includes(error.status)) return;
		}
	}
}
