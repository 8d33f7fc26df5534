/** Short notices of the server: to be shown, and to be answered by nothing. They leave with the pull that drops them. */
import type { PhoneState } from '../../../sync/phoneState.ts';
import { partsOf } from '../../../sync/view.ts';

/** `message` of docs/protocol.md, "Feed and pull". */
export interface Message {
	readonly id: string;
	readonly text: string;
	readonly text_en: string;
	readonly told_at: string;
	readonly about: { readonly kind: string; readonly id: string } | null;
	readonly details: Readonly<Record<string, unknown>> | null;
}

/** What this phone was told, the newest first. */
export function messagesOf({ view }: PhoneState): readonly Message[] {
	return [...view.entities]
		.map(([key, { body }]) => ({ kind: partsOf(key)[0], message: { ...(body as Message), id: partsOf(key)[1] } }))
		.filter(({ kind }) => kind === 'message')
		.map(({ message }) => message)
		.sort((one, other) => other.told_at.localeCompare(one.told_at));
}
