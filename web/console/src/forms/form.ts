/** Forms as the API shows them, and what a list says of them. */
import type { Column } from '../lists/columns';
import { language, moment, say, type Words } from '../texts';

export interface FormVersion {
	readonly form_id: string;
	readonly version: string;
	readonly title: string;
	readonly source_type: string;
	readonly published_at: string;
	readonly retired_at: string | null;
}

export interface FormLine {
	readonly id: string;
	readonly title: string;
	readonly version: string | null;
	readonly state: 'offered' | 'retired';
	readonly published_at: string;
	readonly restricted: boolean;
	readonly lists: readonly string[];
	readonly items: readonly { readonly code: string; readonly name: string }[];
	readonly versions: readonly FormVersion[];
}

export interface Finding {
	readonly sheet: string;
	readonly row: number | null;
	readonly column: string | null;
	readonly code: string;
	readonly severity: 'error' | 'warning';
	readonly message: string;
}

export interface Draft {
	readonly id: string;
	readonly form_id: string | null;
	readonly version: string | null;
	readonly title: string | null;
	readonly state: 'faulty' | 'ready' | 'published';
	readonly errors: number;
	readonly warnings: number;
	readonly source_type: string;
	readonly author: string;
	readonly changed_at: string;
	readonly findings: readonly Finding[];
}

export interface Sheet {
	readonly name: string;
	readonly header: readonly string[];
	readonly rows: readonly { readonly row: number; readonly cells: Readonly<Record<string, string>> }[];
}

interface Effect {
	readonly drafts: string;
	readonly drafts_en: string;
	readonly records: string;
	readonly records_en: string;
}

export interface Change {
	readonly kind: string;
	readonly path: string;
	readonly labels: Words;
	readonly old: unknown;
	readonly new: unknown;
	readonly message: string;
	readonly message_en: string;
}

export interface Changes {
	readonly form_id: string;
	readonly old: string;
	readonly new: string;
	readonly keeps_every_answer: boolean;
	readonly counts: Readonly<Record<string, number>>;
	readonly effects: Readonly<Record<string, Effect>>;
	readonly changes: readonly Change[];
}

export interface Usage {
	readonly assigned: number;
	readonly open: number;
	readonly people: number;
	readonly phones: number;
}

/** A form that is tried out, as the frame takes it (`web/phone/src/trying/phone.ts`). */
export interface Trial {
	readonly form: string;
	readonly version: string;
	readonly title: string;
	readonly definition: string;
}

export const STATES = [
	['offered', 'in use'],
	['retired', 'not in use'],
] as const;
export const DRAFT_STATES = { faulty: 'to be mended', ready: 'can be published', published: 'is published' } as const;
const STATE_NAMES: Readonly<Record<string, string>> = Object.fromEntries(STATES);

const TYPES: Readonly<Record<string, string>> = {
	xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
	csv: 'text/csv',
	md: 'text/markdown',
};
export const ACCEPTED = Object.keys(TYPES).map((ending) => `.${ending}`).join(',');

/** A file as it is sent: its type is told by its name, because browsers don't agree on Markdown. */
export function asSource(file: File): Blob {
	const ending = file.name.slice(file.name.lastIndexOf('.') + 1).toLowerCase();
	return new Blob([file], { type: TYPES[ending] ?? 'application/octet-stream' });
}

/** Takes the half of `中文 / English` that is in the console's language. */
export function inSlash(text: string): string {
	const [chinese, ...english] = text.split(' / ');
	return language.value === 'zh' || english.length === 0 ? chinese! : english.join(' / ');
}

/** Whether a finding is about a column of a sheet: `hint` is about the hints of every language. */
export function isAbout(finding: Finding, column: string): boolean {
	return finding.column !== null && (column === finding.column || column.startsWith(`${finding.column}::`));
}

export const COLUMNS: readonly Column<FormLine>[] = [
	{ key: 'title', name: 'Form', text: (each) => inSlash(each.title), width: 220 },
	{ key: 'version', name: 'Version in use', text: (each) => each.version ?? '', width: 110 },
	{ key: 'state', name: 'State', text: (each) => say.value(STATE_NAMES[each.state]!), look: (each) => (each.state === 'offered' ? 'good' : 'plain'), width: 90 },
	{ key: 'published', name: 'Published at', text: (each) => moment(each.published_at), width: 150 },
	{ key: 'versions', name: 'Versions', text: (each) => String(each.versions.length), width: 80 },
	{ key: 'items', name: 'Items', text: (each) => each.items.map(({ name }) => name).join('；'), width: 300 },
	{ key: 'restricted', name: 'Secrecy', text: (each) => (each.restricted ? say.value('for secret places') : ''), look: (each) => (each.restricted ? 'warn' : undefined), width: 100 },
	{ key: 'id', name: 'Form id', text: (each) => each.id, width: 180 },
	{ key: 'lists', name: 'Lists beside it', text: (each) => each.lists.map((name) => `${name}.csv`).join('、'), width: 180, isExtra: true },
];
