/** Files go one after the other, and one that can't go holds up no others. */
import { shallowRef } from 'vue';
import { afterEach, expect, test, vi } from 'vitest';
import { NEW_PHONE } from '../../sync/phoneState.ts';
import type { Home } from '../src/home/home';
import { Sending } from '../src/home/sending';
import { KeptFile, keptFileReader, Unreadable } from '../src/keeping/keptFile';
import { Refusal, Unreached, type Door } from '../src/wire/door';

const uploads = vi.hoisted(() => ({ answers: new Map<string, Error>(), begun: [] as string[] }));
vi.mock('../src/home/metered', () => ({ mayUseData: () => true }));
vi.mock('../src/home/awake', () => ({ awake: (doing: () => Promise<void>) => doing() }));
vi.mock('../src/wire/uploads', () => ({
	upload: async (_database: unknown, _door: unknown, { sha256 }: { sha256: string }) => {
		uploads.begun.push(sha256);
		const refusal = uploads.answers.get(sha256);
		if (refusal) throw refusal;
	},
}));

afterEach(() => {
	uploads.answers.clear();
	uploads.begun.length = 0;
});

const HASHES = ['small', 'middle', 'large'];

/** Sends three files; gives those that arrived, those that were refused, and what was raised. */
async function sent(lost: readonly string[] = []) {
	const rows = HASHES.map((sha256, place) => ({ name: `${sha256}.jpg`, sha256, size: place + 1 }));
	const state = shallowRef({ ...NEW_PHONE, epoch: 'e1', mediaWanted: new Set(HASHES) });
	const arrived: string[] = [];
	const home = {
		state,
		database: { name: 'sending', files: { where: () => ({ anyOf: (wanted: string[]) => ({ toArray: async () => rows.filter((row) => wanted.includes(row.sha256)) }) }) } },
		files: Promise.resolve({
			find: async (name: string) => {
				if (lost.includes(name)) throw new Error('it does not open');
				return rows.find((row) => row.name === name);
			},
		}),
		happen: async ({ sha256 }: { sha256: string }) => {
			arrived.push(sha256);
			state.value = { ...state.value, mediaWanted: new Set([...state.value.mediaWanted].filter((each) => each !== sha256)) };
		},
	} as unknown as Home;
	const refused: string[] = [];
	const listener = { sent: () => {}, missing: () => {}, held: () => {}, refused: (sha256: string) => void refused.push(sha256) };
	const raised = await new Sending(home, {} as Door, listener).send().catch((error: unknown) => error);
	return { arrived, refused, raised };
}

test.each([new Refusal(460, {}, 0), new Refusal(400, {}, 0), new Unreadable('small.jpg')])(
	'the others go when one is refused or can not be read (%#)',
	async (error) => {
		uploads.answers.set('small', error);
		expect(await sent()).toEqual({ arrived: ['middle', 'large'], refused: ['small'], raised: error });
	},
);

test('the others go when what is told of one does not open', async () => {
	const { arrived, refused, raised } = await sent(['small.jpg']);
	expect([arrived, refused]).toEqual([['middle', 'large'], ['small']]);
	expect(raised).toBeInstanceOf(Unreadable);
});

test.each([new Unreached(), new Refusal(503, {}, 0), new Refusal(507, {}, 0)])(
	'all rest when the server is not reached or takes none (%#)',
	async (error) => {
		uploads.answers.set('small', error);
		expect(await sent()).toEqual({ arrived: [], refused: [], raised: error });
	},
);

test.each([
	['lacks its last piece', [{ number: 0, at: 0, size: 4 }], async () => new Uint8Array(4)],
	['has a piece that does not open', [{ number: 0, at: 0, size: 8 }], async () => Promise.reject(new Error('OperationError'))],
])('a file that %s is not read as a shorter one', async (_, pieces, open) => {
	const place = { pieces: async () => pieces, read: async () => new Uint8Array(4) };
	const row = { name: 'a.jpg', record: 'r', type: 'image/jpeg', size: 8, sha256: 'f0', began: '' };
	const file = new KeptFile(row as never, {} as never, place as never, { open } as never);
	const source = await keptFileReader.openFile(file);
	await expect(source.slice(0, 2_000_000)).rejects.toThrow(Unreadable);
});
