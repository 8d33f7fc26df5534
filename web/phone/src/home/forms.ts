/** Forms and lists that were told of, fetched so that they are there without a network. */
import { Refusal, type Door } from '../wire/door';
import type { Body, Home } from './home';

/** Answers that are about one form or list. */
const OF_ONE = [404, 410];

/** Fetches what is not here. One that is gone holds up no others; without a network, a session or leave none would come. */
export async function fetchForms({ database, state }: Pick<Home, 'database' | 'state'>, door: Pick<Door, 'blob'>): Promise<void> {
	const told = [...state.value.view.entities].filter(([key]) => /^(form|list)\0/.test(key)).map(([, { body }]) => String((body as Body)['sha256']));
	// A draft that was brought from another phone may be of a version that this one was never told of.
	const begun = (await database.drafts.toArray()).map(({ definition }) => definition);
	for (const sha256 of new Set([...told, ...begun])) {
		if (await database.blobs.get(sha256)) continue;
		try {
			await database.blobs.put({ sha256, text: await door.blob(sha256) });
		} catch (error) {
			if (!(error instanceof Refusal) || !OF_ONE.includes(error.status)) return;
		}
	}
}
