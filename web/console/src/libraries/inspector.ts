/** Inspectors as they stand on a day, and what the library says of them. */
import { get } from '../wire/door';
import type { Asked } from './asked';

export interface Certificate {
	readonly number: string;
	readonly issuer: string;
	readonly valid_from: string;
	readonly valid_to: string;
	readonly kind: string | null;
}

export interface Standing {
	readonly person_id: string;
	readonly name: string;
	readonly region: string;
	readonly certificates: readonly Certificate[];
	readonly certified: boolean;
	readonly admitted: boolean;
	readonly exam_years: readonly number[];
	readonly exams_failed: readonly number[];
	readonly scope: readonly string[];
	readonly tags: readonly string[];
	readonly lent_to: readonly string[];
	readonly in_library: boolean;
	readonly ended_on: string | null;
}

const SOON = 90; // days

/** The last day of the certificate that lasts longest. */
export function endOf(standing: Standing): string | undefined {
	return standing.certificates.map(({ valid_to }) => valid_to).sort().at(-1);
}

/** Whether a day is near enough to renew a certificate. */
export function isSoon(day: string | undefined, today: string): boolean {
	return day !== undefined && (Date.parse(day) - Date.parse(today)) / 86_400_000 < SOON;
}

/** All that the library says of somebody: the page, certificates also of former times, exams, the newest first. */
export interface Page {
	readonly person_id: string;
	readonly username: string;
	readonly name: string;
	readonly in_library: boolean;
	readonly ended_on: string | null;
	readonly ended_because: string | null;
	readonly certificates: readonly Certificate[];
	readonly exams: readonly { readonly year: number; readonly passed: boolean; readonly held_on: string | null }[];
	readonly [said: string]: unknown;
}

const ROLES = [
	['inspector', 'role: inspector'],
	['lead', 'role: lead inspector'],
] as const;
const KINDS_OF_CERTIFICATE = [
	['department', 'certificate of the department'],
	['government', 'certificate of the provincial government'],
] as const;

/** The page of somebody; `items` are those that there are, by code and name. */
export const askedOfPage = (items: readonly (readonly [code: string, name: string])[]): readonly Asked[] => [
	{ key: 'unit', name: 'Unit' },
	{ key: 'department', name: 'Section of the bureau' },
	{ key: 'duty', name: 'Duty in the bureau' },
	{ key: 'post_class', name: 'Kind of inspector' },
	{ key: 'function', name: 'Function of the department' },
	{ key: 'district', name: 'District in charge' },
	{ key: 'work_no', name: 'Work no.' },
	{ key: 'phone', name: 'Telephone' },
	{ key: 'gender', name: 'Gender' },
	{ key: 'born', name: 'Born (year and month)' },
	{ key: 'education', name: 'Education' },
	{ key: 'major', name: 'Major' },
	{ key: 'title', name: 'Title of post' },
	{ key: 'post_since', name: 'In the post since', kind: 'day' },
	{ key: 'tags', name: 'Specialities', kind: 'words' },
	{ key: 'qualifications', name: 'Qualifications', kind: 'words' },
	{ key: 'scope', name: 'May inspect (none chosen: all)', kind: 'choices', options: items, isOwn: true },
];
export const askedOfNew = (items: readonly (readonly [code: string, name: string])[]): readonly Asked[] => [
	{ key: 'username', name: 'User name', isRequired: true, most: 60 },
	{ key: 'name', name: 'Inspector', isRequired: true, most: 120 },
	{ key: 'role', name: 'Role in the field', kind: 'choice', options: ROLES, isRequired: true },
	...ASKED_OF_CERTIFICATE,
	...askedOfPage(items),
];
export const ASKED_OF_CERTIFICATE: readonly Asked[] = [
	{ key: 'number', name: 'Certificate no.', isRequired: true, most: 32 },
	{ key: 'issuer', name: 'Issued by', isRequired: true },
	{ key: 'kind', name: 'Kind of certificate', kind: 'choice', options: KINDS_OF_CERTIFICATE },
	{ key: 'valid_from', name: 'Certificate from', kind: 'day', isRequired: true },
	{ key: 'valid_to', name: 'Certificate until', kind: 'day', isRequired: true },
];
export const kindOf = (certificate: Certificate): string => KINDS_OF_CERTIFICATE.find(([kind]) => kind === certificate.kind)?.[1] ?? '';

/** All items, to choose from. */
export async function readItems(): Promise<readonly (readonly [code: string, name: string])[]> {
	return (await get<readonly { readonly code: string; readonly name: string }[]>('items?limit=500')).map(({ code, name }) => [code, name] as const);
}
