/** What a parcel brings to a phone that has some of it already. */
import { shallowRef } from 'vue';
import { expect, test, vi } from 'vitest';
import { step } from '../../sync/phone.ts';
import { NEW_PHONE } from '../../sync/phoneState.ts';
import type { Event } from '../../sync/phoneEvents.ts';
import type { SealedOp } from '../../sync/sealing.ts';
import type { Home } from '../src/home/home';
import { unpack } from '../src/work/carrying';

const REV = `sha256:${'a'.repeat(64)}`;
const PHOTO = 'photo';
const RECORD = '5f7b0f5e-0000-4000-8000-000000000001';
const ITEM = { kind: 'revision', rev: REV, bytes: '' } as const;

const parcel = vi.hoisted(() => ({ contents: {} as unknown }));
vi.mock('../src/work/drafts', () => ({}));
vi.mock('../src/keeping/draftRows', () => ({}));
vi.mock('../src/keeping/parcel', () => ({
	ParcelBroken: class extends Error {},
	openParcel: async () => ({
		header: { person: 'author', name: '张伟' },
		frames: (async function* () {
			yield { json: parcel.contents };
			yield { bytes: new Uint8Array(3) };
		})(),
	}),
}));

test('a revision that was given back without its files takes those along that come with it later', async () => {
	const events = [
		{ type: 'LoggedIn', user: 'colleague', epoch: 'E1', limits: null },
		{ type: 'Held', requestEpoch: 'E1', record: RECORD, item: ITEM },
		{ type: 'EpochRefused', requestEpoch: 'E1', epoch: 'E2' },
		{ type: 'ReofferReplied', requestEpoch: 'E2', epoch: 'E2', offered: [REV], missing: [REV] },
	] as readonly Event[];
	const state = shallowRef(events.reduce((before, event) => step(before, event)[0], NEW_PHONE));
	const home = {
		state,
		person: { id: 'colleague' },
		happen: async (event: Event) => void (state.value = step(state.value, event)[0]),
		files: Promise.resolve({
			ofRecord: async () => [],
			begin: async () => ({ append: async () => {}, finish: async () => ({ name: 'here.jpg', sha256: PHOTO }), release: () => {} }),
		}),
	} as unknown as Home;
	expect(state.value.ops.map((op) => op.media)).toEqual([[]]);

	const op = { op: RECORD, kind: 'revision', rev: REV, content: REV, item: { op: RECORD, ...ITEM }, record: RECORD, task: null, media: [PHOTO], ours: true } as SealedOp;
	const file = { name: 'there.jpg', record: RECORD, type: 'image/jpeg', size: 3, sha256: PHOTO, told: {} };
	parcel.contents = { ops: [op], drafts: [], files: [file] };
	const brought = await unpack(home, new Blob(), 'whatever', () => {});

	expect(brought).toMatchObject({ records: 0, files: 1 });
	expect(state.value.ops.map((each) => each.media)).toEqual([[PHOTO]]);
	expect([...state.value.mediaWanted]).toEqual([PHOTO]);
	await home.happen({ type: 'MediaStored', sha256: PHOTO, requestEpoch: 'E2' });
	await home.happen({ type: 'EpochRefused', requestEpoch: 'E2', epoch: 'E3' });
	expect([...state.value.mediaUnsure]).toEqual([PHOTO]);
});
