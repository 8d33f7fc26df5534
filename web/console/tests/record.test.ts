/** What is read out of a record: sections, positions, and the version before. */
import { describe, expect, it } from 'vitest';
import { fixesOf, placesOf, sectionsOf, versionBefore, wordsByName, type AnswerNode, type Dossier } from '../src/review/record';

const question = (name: string, text: string, more: Partial<AnswerNode> = {}): AnswerNode => ({
	name,
	path: `/data/${name}`,
	labels: { zh: name },
	kind: 'string',
	text,
	display: { zh: text },
	...more,
});
const FORM: AnswerNode = {
	name: 'data',
	path: '/data',
	labels: {},
	repeat: false,
	children: [
		question('deviceid', 'x', { labels: {} }),
		question('task', '00155aba-9e7f-418e-811e-bca927ea2a5f'),
		question('shown', '', { kind: 'note' }),
		{
			name: 'markers',
			path: '/data/markers[2]',
			labels: { zh: '界桩' },
			repeat: true,
			children: [
				question('no', 'J02', { path: '/data/markers[2]/no' }),
				question('meas', '35.1 112.2 0 4.5', { path: '/data/markers[2]/meas', kind: 'geopoint', value: { latitude: 35.1, longitude: 112.2, accuracy: 4.5 } }),
			],
		},
	],
};

describe('the answers of a form', () => {
	it('are shown by sections, without notes, ids and what has no label', () => {
		const sections = sectionsOf(FORM);
		expect(sections.map(({ title, row, answers }) => [title.zh, row, answers.map((each) => each.name)])).toEqual([['界桩', 2, ['no', 'meas']]]);
	});
	it('fill in the labels that name them', () => expect(wordsByName(FORM).get('no')?.zh).toBe('J02'));
	it('say where they were measured, and how well', () => {
		expect(fixesOf(FORM)).toEqual([{ path: '/data/markers[2]/meas', labels: { zh: 'meas' }, latitude: 35.1, longitude: 112.2, accuracy: 4.5, of: 'answer' }]);
	});
	it('say where their files were captured, as far as the phone told', () => {
		const file = { name: 'j2.jpg', path: '/data/markers[2]/photo', kind: 'image', sha256: 'ab', size: 1, type: 'image/jpeg', status: 'stored', captured_at: null, source: null } as const;
		const labels = new Map([['/data/markers[2]/photo', { zh: '照片' }]]);
		const place = { latitude: 35.2, longitude: 112.3, accuracy: null };
		expect(placesOf([{ ...file, position: place }, { ...file, position: null }], labels)).toEqual([
			{ path: '/data/markers[2]/photo', labels: { zh: '照片' }, ...place, accuracy: 0, of: 'file' },
		]);
	});
});

describe('the version before', () => {
	const decided = (verdict: 'accepted' | 'returned', rev: string) => ({ verdict, rev, reason: null, marks: [], due_on: null, reviewer: '', decided_at: '' });
	const shown = (rev: string, ...decisions: Dossier['decisions'][number][]) => versionBefore({ rev, decisions } as unknown as Dossier);

	it('is the one that was last sent back', () => expect(shown('c', decided('returned', 'a'), decided('returned', 'b'))).toBe('b'));
	it('is none where the returned one is still shown', () => expect(shown('a', decided('returned', 'a'))).toBeNull());
	it('is none where nothing was sent back', () => expect(shown('b', decided('accepted', 'a'))).toBeNull());
});
