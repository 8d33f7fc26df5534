/** What the server has to tell is shown, the newest first. */
import { expect, test } from 'vitest';
import { NEW_PHONE, type PhoneState } from '../../sync/phoneState.ts';
import type { Entity } from '../../sync/view.ts';
import { messagesOf } from '../src/views/messages';

test('messages are those of the feed, the newest first', () => {
	const told = (text: string, told_at: string): Entity => ({ n: 1, body: { text, text_en: text, told_at }, via: new Map([['me', 1]]) });
	const entities = new Map<string, Entity>([
		['message\0one', told('older', '2026-11-20T03:04:05.123Z')],
		['task\0two', { n: 1, body: {}, via: new Map([['me', 1]]) }],
		['message\0three', told('newer', '2026-11-21T03:04:05.123Z')],
	]);
	const state: PhoneState = { ...NEW_PHONE, view: { ...NEW_PHONE.view, entities } };
	expect(messagesOf(state).map(({ id, text }) => [id, text])).toEqual([
		['three', 'newer'],
		['one', 'older'],
	]);
	expect(messagesOf(NEW_PHONE)).toEqual([]);
});
