/** Tasks as the API shows them, and what a list says of them. */
import { today } from '../days';
import type { Column } from '../lists/columns';
import { say } from '../texts';

export interface GateCheck {
	readonly rule: string;
	readonly verdict: 'allow' | 'warn' | 'block';
	readonly facts: readonly string[];
	readonly facts_en: readonly string[];
	readonly allowed: { readonly by: string; readonly reason: string } | null;
	readonly name?: string;
	readonly name_en?: string;
	readonly why?: string;
	readonly why_en?: string;
	readonly overridable?: boolean;
	readonly bases?: readonly { readonly source: string; readonly says: string }[];
}

export interface TaskRow {
	readonly id: string;
	readonly number: string;
	readonly name: string;
	readonly state: 'assigned' | 'open' | 'done' | 'withdrawn';
	readonly opens_on: string;
	readonly due_on: string;
	readonly object: string;
	readonly object_name: string;
	readonly items: readonly string[];
	readonly inspectors: readonly { readonly id: string; readonly name: string; readonly role: string; readonly active: boolean }[];
	readonly approval_no: string | null;
	readonly notice_no: string | null;
	readonly mode: string;
	readonly gate: readonly GateCheck[];
}

export const STATES = [
	['assigned', 'not begun'],
	['open', 'being inspected'],
	['done', 'inspected'],
	['withdrawn', 'withdrawn'],
] as const;
const STATE_NAMES: Readonly<Record<string, string>> = Object.fromEntries(STATES);
export const MODES: Readonly<Record<string, string>> = { on_site: 'on site', written: 'in writing', network: 'over the network', commissioned: 'by an institution' };

export const isRunning = (task: TaskRow): boolean => task.state === 'assigned' || task.state === 'open';
export const isLate = (task: TaskRow): boolean => isRunning(task) && task.due_on < today();

/** What of the gate counts most: what blocks, then what warns. */
export function verdictOf(task: TaskRow): 'allow' | 'warn' | 'block' {
	const open = task.gate.filter((each) => !each.allowed);
	return open.some((each) => each.verdict === 'block') ? 'block' : open.some((each) => each.verdict === 'warn') ? 'warn' : 'allow';
}

const VERDICTS = { allow: ['lawful', 'good'], warn: ['to be looked at', 'warn'], block: ['stopped by a rule', 'bad'] } as const;

export const COLUMNS: readonly Column<TaskRow>[] = [
	{ key: 'number', name: 'Number', text: (task) => task.number, width: 200 },
	{ key: 'object', name: 'Inspected object', text: (task) => task.object_name, width: 220 },
	{ key: 'name', name: 'Task', text: (task) => task.name, width: 180 },
	{
		key: 'state',
		name: 'State',
		text: (task) => (isLate(task) ? say.value('{state}, late', { state: say.value(STATE_NAMES[task.state]!) }) : say.value(STATE_NAMES[task.state]!)),
		look: (task) => (isLate(task) ? 'bad' : task.state === 'done' ? 'good' : 'plain'),
		width: 140,
	},
	{ key: 'due', name: 'Last day', text: (task) => task.due_on, width: 110 },
	{ key: 'opens', name: 'First day', text: (task) => task.opens_on, width: 110, isExtra: true },
	{ key: 'inspectors', name: 'Inspectors', text: (task) => task.inspectors.map(({ name }) => name).join('、'), width: 140 },
	{ key: 'mode', name: 'Mode', text: (task) => say.value(MODES[task.mode] ?? task.mode), width: 100 },
	{ key: 'gate', name: 'Legality', text: (task) => say.value(VERDICTS[verdictOf(task)][0]), look: (task) => VERDICTS[verdictOf(task)][1], width: 110 },
	{ key: 'items', name: 'Items', text: (task) => task.items.join(' '), width: 200, isExtra: true },
	{ key: 'approval', name: 'Approval', text: (task) => task.approval_no ?? '', width: 200, isExtra: true },
	{ key: 'notice', name: 'Notice', text: (task) => task.notice_no ?? '', width: 200, isExtra: true },
];
