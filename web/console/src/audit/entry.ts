/** Entries of the audit log as the API tells them. */
import type { Column } from '../lists/columns';
import { inWords, moment } from '../texts';

export interface Member {
	readonly member: string;
	readonly name: string;
	readonly name_en: string;
	readonly before?: unknown;
	readonly now: unknown;
}

export interface Entry {
	readonly id: string;
	readonly seq: number;
	readonly at: string;
	readonly actor: string;
	readonly actor_name: string;
	readonly action: string;
	readonly told: string;
	readonly told_en: string;
	readonly kind: string;
	readonly kind_name: string;
	readonly kind_name_en: string;
	readonly subject: string;
	readonly name: string;
	readonly region: string | null;
	readonly hash: string;
	readonly members: readonly Member[];
}

export const toldOf = (entry: Entry): string => inWords({ zh: entry.told, en: entry.told_en });
export const thingOf = (entry: Entry): string => `${inWords({ zh: entry.kind_name, en: entry.kind_name_en })} ${entry.name || entry.subject.slice(0, 12)}`;
export const written = (value: unknown): string => (value === null || value === undefined ? '—' : typeof value === 'object' ? JSON.stringify(value) : String(value));
export const membersOf = (entry: Entry): string =>
	entry.members.map((each) => `${inWords({ zh: each.name, en: each.name_en })}：${'before' in each ? `${written(each.before)} → ` : ''}${written(each.now)}`).join('；');

export const COLUMNS: readonly Column<Entry>[] = [
	{ key: 'seq', name: 'Number in the log', text: (each) => String(each.seq), width: 90 },
	{ key: 'at', name: 'Time', text: (each) => moment(each.at), width: 140 },
	{ key: 'actor', name: 'Who', text: (each) => (each.actor_name === each.actor ? each.actor : `${each.actor_name}（${each.actor}）`), width: 160 },
	{ key: 'told', name: 'What happened', text: toldOf, width: 170 },
	{ key: 'thing', name: 'To what', text: thingOf, width: 220 },
	{ key: 'members', name: 'Details', text: membersOf, width: 260 },
	{ key: 'region', name: 'Region', text: (each) => each.region ?? '', width: 90, isExtra: true },
	{ key: 'action', name: 'Code of the event', text: (each) => each.action, width: 160, isExtra: true },
];

/** Things whose whole life the server tells. */
export const HAS_LIFE = new Set(['task', 'record', 'result', 'followup', 'delivery', 'disclosure']);
