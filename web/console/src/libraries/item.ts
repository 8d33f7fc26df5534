/** Items of the list as the server tells them, and what is asked of one. */
import type { Asked } from './asked';
import { KINDS as OBJECTS } from './object';

export interface ItemRow {
	readonly code: string;
	readonly name: string;
	readonly region: string;
	readonly form_id: string;
	readonly basis: string;
	readonly content: string;
	readonly aliases: readonly string[];
	readonly category: string;
	readonly sub_item: string;
	readonly matter_no: string;
	readonly subject: string;
	readonly object_scope: string;
	readonly object_kinds: readonly string[];
	readonly standard: string;
	readonly modes: readonly string[];
	readonly kind: 'general' | 'key';
	readonly ratio: string;
	readonly frequency: string;
	readonly inspector_requirement: string;
	readonly section: string;
	readonly lead_department: string;
	readonly departments: readonly string[];
	readonly remark: string;
	readonly valid_from: string | null;
	readonly valid_to: string | null;
	readonly basis_from: string | null;
	readonly basis_to: string | null;
}

export interface Claim {
	readonly item_code: string;
	readonly claimed_on: string;
	readonly ended_on: string | null;
}

export const MODES = [
	['on_site', 'on site'],
	['written', 'in writing'],
	['network', 'over the network'],
	['commissioned', 'by an institution'],
] as const;
const KINDS = [
	['general', 'general item'],
	['key', 'key item'],
] as const;

/** What is asked of an item; forms are told by their titles. `isNew`: its code is asked for, too. */
export function askedOfItem(forms: ReadonlyMap<string, string>, isNew: boolean): readonly Asked[] {
	return [
		...(isNew ? [{ key: 'code', name: 'Code', isRequired: true }] : []),
		{ key: 'name', name: 'Item', isRequired: true },
		{ key: 'kind', name: 'Weight', kind: 'choice', options: KINDS, isRequired: true },
		{ key: 'category', name: 'Category' },
		{ key: 'sub_item', name: 'Sub-item' },
		{ key: 'matter_no', name: 'Matter no.' },
		{ key: 'subject', name: 'Inspecting body' },
		{ key: 'section', name: 'Section' },
		{ key: 'lead_department', name: 'Leading department' },
		{ key: 'form_id', name: 'Form', kind: 'choice', options: [...forms], isOwn: true },
		{ key: 'object_kinds', name: 'Kinds of objects', kind: 'choices', options: OBJECTS },
		{ key: 'modes', name: 'Mode', kind: 'choices', options: MODES },
		{ key: 'ratio', name: 'Share or number' },
		{ key: 'frequency', name: 'Frequency' },
		{ key: 'object_scope', name: 'Objects as written', kind: 'long' },
		{ key: 'content', name: 'Content', kind: 'long' },
		{ key: 'standard', name: 'Standard', kind: 'long' },
		{ key: 'basis', name: 'Basis', kind: 'long' },
		{ key: 'inspector_requirement', name: 'Who inspects', kind: 'long' },
		{ key: 'departments', name: 'Departments', kind: 'words' },
		{ key: 'aliases', name: 'Other spellings', kind: 'words' },
		{ key: 'valid_from', name: 'In force from', kind: 'day' },
		{ key: 'valid_to', name: 'In force until', kind: 'day' },
		{ key: 'basis_from', name: 'Basis from', kind: 'day' },
		{ key: 'basis_to', name: 'Basis until', kind: 'day' },
		{ key: 'remark', name: 'Remark', kind: 'long' },
	];
}
