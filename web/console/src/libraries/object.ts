/** Inspected objects as the server tells them. */
import type { Column } from '../lists/columns';
import { say } from '../texts';
import type { Asked } from './asked';

export interface ObjectRow {
	readonly id: string;
	readonly region: string;
	readonly kind: string;
	readonly name: string;
	readonly uscc: string | null;
	readonly uscc_valid: boolean | null;
	readonly address: string;
	readonly legal_representative: string;
	readonly phone: string | null;
	readonly risk_class: string | null;
	readonly tags: readonly string[];
	readonly active: boolean;
	readonly library: string | null;
	readonly entity_type: string | null;
	readonly registration_status: string | null;
	readonly station: string | null;
	readonly owner_id: string | null;
}

export const KINDS = [
	['enterprise', 'kind: enterprise'],
	['product', 'kind: product'],
	['project', 'kind: project'],
	['act', 'kind: act'],
] as const;
export const LICENCES = [
	['mining', 'licence: mining'],
	['exploration', 'licence: exploration'],
	['surveying', 'licence: surveying'],
] as const;
export const nameIn = (names: readonly (readonly [string, string])[], value: string): string => say.value(names.find(([each]) => each === value)?.[1] ?? value);

const RISKS = { A: 'good', B: 'plain', C: 'warn', D: 'bad' } as const;
export const OBJECT_COLUMNS: readonly Column<ObjectRow>[] = [
	{ key: 'name', name: 'Inspected object', text: (each) => each.name, width: 240 },
	{ key: 'kind', name: 'Kind', text: (each) => nameIn(KINDS, each.kind), width: 80 },
	{ key: 'uscc', name: 'Credit code', text: (each) => each.uscc ?? '', look: (each) => (each.uscc_valid === false ? 'warn' : undefined), width: 190 },
	{ key: 'risk', name: 'Risk class', text: (each) => each.risk_class ?? '', look: (each) => RISKS[each.risk_class as keyof typeof RISKS], width: 120 },
	{ key: 'tags', name: 'Tags', text: (each) => each.tags.join('、'), width: 200 },
	{ key: 'state', name: 'State', text: (each) => say.value(each.active ? 'in the library' : 'taken out'), look: (each) => (each.active ? 'good' : 'plain'), width: 90 },
	{ key: 'address', name: 'Address', text: (each) => each.address, width: 220 },
	{ key: 'representative', name: 'Legal representative', text: (each) => each.legal_representative, width: 110 },
	{ key: 'region', name: 'Region', text: (each) => each.region, width: 90, isExtra: true },
	{ key: 'status', name: 'Registration', text: (each) => each.registration_status ?? '', width: 100, isExtra: true },
];

const RISK_CLASSES = [
	['A', 'risk A'],
	['B', 'risk B'],
	['C', 'risk C'],
	['D', 'risk D'],
] as const;

/** What is asked of an object; a risk class only of a new one, since a later one counts from a day and has its own form. */
export function askedOfObject(isNew: boolean): readonly Asked[] {
	return [
		{ key: 'name', name: 'Inspected object', isRequired: true },
		{ key: 'kind', name: 'Kind', kind: 'choice', options: KINDS, isRequired: true },
		{ key: 'uscc', name: 'Credit code', most: 32 },
		{ key: 'registration_no', name: 'Other registration no.', most: 32 },
		{ key: 'owner', name: 'Whose product, project or act it is' },
		{ key: 'legal_representative', name: 'Legal representative' },
		{ key: 'address', name: 'Address' },
		{ key: 'phone', name: 'Telephone', most: 40 },
		{ key: 'longitude', name: 'Longitude (°)', kind: 'number' },
		{ key: 'latitude', name: 'Latitude (°)', kind: 'number' },
		...(isNew
			? ([
					{ key: 'risk_class', name: 'Risk class', kind: 'choice', options: RISK_CLASSES },
					{ key: 'risk_source', name: 'Who rated it' },
				] as const)
			: []),
		{ key: 'entity_type', name: 'Type of entity' },
		{ key: 'registrar', name: 'Registered at' },
		{ key: 'registration_status', name: 'Registration' },
		{ key: 'established_on', name: 'Founded on', kind: 'day' },
		{ key: 'library', name: 'Special library' },
		{ key: 'station', name: 'Station' },
		{ key: 'district', name: 'District in charge' },
		{ key: 'source', name: 'Where the data is from' },
		{ key: 'specialised', name: 'Specialised supervision', kind: 'flag' },
		{ key: 'tags', name: 'Tags', kind: 'words' },
		{ key: 'qualifications', name: 'Qualifications', kind: 'words' },
		{ key: 'experts', name: 'Experts', kind: 'words' },
	];
}
