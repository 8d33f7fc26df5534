/** Reasons that reviewers write most often: those of the bureau, or those that ship where it has none. */
import { ref } from 'vue';
import { say } from '../texts';
import { get } from '../wire/door';

export const SHIPPED = [
	'The photo is not sharp: take it again.',
	'The marker’s number can’t be read: take it again.',
	'The position is too inaccurate: measure again.',
	'The answer doesn’t fit the photo: check it.',
	'A signature is missing.',
	'The problem is not described in full.',
	'The document shown is not the one asked for.',
	'The elevation or distance seems wrong: check it.',
	'Please explain this answer.',
] as const;

export function stockReasons() {
	const own = ref<readonly string[]>([]);
	// A reviewer who can't read them now has those that ship.
	const read = (): Promise<void> => get<{ reasons: readonly string[] }>('review/reasons').then(({ reasons }) => void (own.value = reasons), () => undefined);
	const all = (): readonly string[] => (own.value.length > 0 ? own.value : SHIPPED.map((each) => say.value(each)));
	return { own, read, all };
}
