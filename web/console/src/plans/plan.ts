/** Plans and their rows as the server tells them. */
import type { Column } from '../lists/columns';
import { moment, say } from '../texts';

export interface Plan {
	readonly id: string;
	readonly year: number;
	readonly number: string;
	readonly name: string;
	readonly kind: 'internal' | 'joint' | 'provincial';
	readonly state: 'draft' | 'aggregated' | 'approved' | 'published';
	readonly section: string;
	readonly part_of_id: string | null;
	readonly imported_at: string;
	readonly published_at: string | null;
	readonly approval_no: string;
	readonly version: number;
	readonly filed_at: string | null;
	readonly filing_no: string;
}

export interface Finding {
	readonly row: number;
	readonly column: string;
	readonly severity: string;
	readonly written: string;
	readonly read: string;
	readonly message: string;
	readonly message_en: string;
}

export interface Frame {
	readonly kinds: readonly string[];
	readonly tags: readonly string[];
	readonly licences: readonly string[];
	readonly key_only: boolean;
}

export interface Planned {
	readonly id: string;
	readonly row_no: number;
	readonly name: string;
	readonly items: readonly string[];
	readonly item_codes: readonly string[];
	readonly object_scope: string;
	readonly ratio: { readonly period: string | null; readonly times: number | null };
	readonly ratio_text: string;
	readonly risk_rule: string | null;
	readonly windows: readonly { readonly first: string; readonly last: string }[];
	readonly window_text: string;
	readonly initiator: string;
	readonly lead: string | null;
	readonly cooperators: readonly string[];
	readonly inspecting_body: string | null;
	readonly frame: Frame | null;
	readonly notes: readonly Finding[];
	readonly withdrawn_at: string | null;
}

export interface PlannedOfYear extends Planned {
	readonly plan: Plan;
}

export interface PlanDetail extends Plan {
	readonly findings: readonly Finding[];
	readonly rows: readonly Planned[];
}

export const KINDS = { internal: 'internal plan', joint: 'joint plan', provincial: 'provincial list' } as const;
export const STATES = { draft: 'draft', aggregated: 'aggregated', approved: 'approved', published: 'published' } as const;
export const LOOKS = { draft: 'plain', aggregated: 'warn', approved: 'warn', published: 'good' } as const;

export const PLAN_COLUMNS: readonly Column<Plan>[] = [
	{ key: 'name', name: 'Plan', text: (each) => each.name, width: 320 },
	{ key: 'year', name: 'Year', text: (each) => String(each.year), width: 80 },
	{ key: 'kind', name: 'Kind', text: (each) => say.value(KINDS[each.kind]), width: 120 },
	{ key: 'state', name: 'State', text: (each) => say.value(each.part_of_id ? 'part of a plan' : STATES[each.state]), look: (each) => (each.part_of_id ? 'plain' : LOOKS[each.state]), width: 120 },
	{ key: 'section', name: 'Section', text: (each) => each.section, width: 140 },
	{ key: 'number', name: 'Document no.', text: (each) => each.number, width: 200 },
	{ key: 'published', name: 'Published', text: (each) => moment(each.published_at), width: 140 },
	{ key: 'filed', name: 'On file as', text: (each) => each.filing_no, width: 160, isExtra: true },
];

/** Whether other departments take part. */
export const isJoint = (row: PlannedOfYear): boolean => row.plan.kind === 'joint' || row.cooperators.length > 0;
