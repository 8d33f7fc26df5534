/** Forms come one after the other, and what stops one stops the others only where none would come. */
import 'fake-indexeddb/auto';
import { shallowRef } from 'vue';
import { expect, test } from 'vitest';
import { NEW_PHONE, type PhoneState } from '../../sync/phoneState.ts';
import { fetchForms } from '../src/home/forms';
import { openDatabase } from '../src/keeping/database';
import { Refusal, Unreached } from '../src/wire/door';

const NAMES = ['one', 'two', 'three'];
const DRAFT = { task: 't', form: 'one', version: '1', xml: null, parents: [], beganAt: '', savedAt: '' };

/** A phone that was told of three forms, and a server that answers each as it is told to. */
async function fetched(person: string, answers: Readonly<Record<string, Error>>, begun: readonly string[] = []) {
	const entities = new Map(NAMES.map((name) => [`form\0${name}`, { body: { sha256: name } }]));
	const state = { ...NEW_PHONE, view: { ...NEW_PHONE.view, entities } } as unknown as PhoneState;
	const database = openDatabase(person);
	await database.drafts.bulkPut(begun.map((definition) => ({ ...DRAFT, record: definition, definition })));
	const asked: string[] = [];
	const blob = async (name: string) => {
		asked.push(name);
		if (answers[name] instanceof Error) throw answers[name];
		return `<${name}/>`;
	};
	await fetchForms({ database, state: shallowRef(state) }, { blob });
	return { asked, kept: (await database.blobs.toArray()).map((row) => row.sha256).sort() };
}

test('the version that a draft was begun with is fetched, too: the draft may come from another phone', async () => {
	expect((await fetched('carried', {}, ['older', 'two'])).asked).toEqual([...NAMES, 'older']);
});

test('a form that is gone holds up no others', async () => {
	const gone = new Refusal(404, {}, 0);
	expect(await fetched('gone', { two: gone })).toEqual({ asked: NAMES, kept: ['one', 'three'] });
});

test.each([new Refusal(403, {}, 0), new Refusal(401, {}, 0), new Refusal(429, {}, 1), new Unreached()])(
	'whoever may not have one, or does not reach the server, is not asked for the rest (%#)',
	async (error) => {
		const person = `stopped-${error instanceof Refusal ? error.status : 0}`;
		expect(await fetched(person, { two: error })).toEqual({ asked: ['one', 'two'], kept: ['one'] });
	},
);
