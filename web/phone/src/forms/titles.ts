/** What forms are called, also those that were withdrawn since: there may be drafts and records of them here. */
import type { PhoneState } from '../../../sync/phoneState.ts';

type Titles = Readonly<Record<string, string>>;

const KEPT = 'form-titles';
let titles: Titles = JSON.parse(globalThis.localStorage?.getItem(KEPT) ?? '{}') as Titles;

/** Keeps the titles of the forms that are offered now. */
export function keepTitles({ view }: PhoneState): void {
	const forms = [...view.entities].filter(([key]) => key.startsWith('form\0'));
	const told = Object.fromEntries(forms.map(([key, { body }]) => [key.slice('form\0'.length), (body as { title: string }).title]));
	if (Object.entries(told).every(([form, title]) => titles[form] === title)) return;
	titles = { ...titles, ...told };
	try {
		localStorage.setItem(KEPT, JSON.stringify(titles));
	} catch {
		// A full phone: a withdrawn form is called by its id then.
	}
}

/** The title of a form: as it is offered now, else as it was last; its id where neither is known. */
export function titleOf(form: string, body: Readonly<Record<string, any>> | undefined): string {
	return String(body?.['title'] ?? titles[form] ?? form);
}

/** Whether a form was offered here once. One that is offered no more was withdrawn. */
export function wasOffered(form: string): boolean {
	return Object.hasOwn(titles, form);
}
