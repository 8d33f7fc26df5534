/** Accounts as the API shows them, and what a list says of them. */
import { ref } from 'vue';
import type { Column } from '../lists/columns';
import { inWords, moment, say } from '../texts';
import { get } from '../wire/door';

export interface Person {
	readonly id: string;
	readonly username: string;
	readonly name: string;
	readonly roles: readonly string[];
	readonly organisation_id: string;
	readonly organisation: string;
	readonly region: string;
	readonly region_name: string;
	readonly active: boolean;
	readonly locked_until?: string | null;
	readonly code_until?: string | null;
}

export interface Permits {
	readonly roles: readonly { readonly role: string; readonly name: string; readonly name_en: string; readonly about: string; readonly about_en: string; readonly only_own: boolean }[];
	readonly permissions: readonly {
		readonly permission: string;
		readonly noun: string;
		readonly noun_en: string;
		readonly verb: string;
		readonly verb_en: string;
		readonly roles: readonly string[];
	}[];
}

export interface Organisation {
	readonly id: string;
	readonly name: string;
	readonly region: string;
	readonly people: number;
	readonly ended_at: string | null;
}

export interface GivenCode {
	readonly code: string;
	readonly until: string;
}

/** The one table of roles, read once. */
export const permits = ref<Permits | null>(null);
export async function readPermits(): Promise<void> {
	permits.value ??= await get<Permits>('roles');
}
export function roleName(role: string): string {
	const found = permits.value?.roles.find((each) => each.role === role);
	return found ? inWords({ zh: found.name, en: found.name_en }) : role;
}

export const COLUMNS: readonly Column<Person>[] = [
	{ key: 'username', name: 'User name', text: (each) => each.username, width: 150 },
	{ key: 'name', name: 'Name of a person', text: (each) => each.name, width: 120 },
	{ key: 'roles', name: 'Roles', text: (each) => each.roles.map(roleName).join('、'), width: 200 },
	{ key: 'organisation', name: 'Organisation', text: (each) => each.organisation, width: 220 },
	{ key: 'region', name: 'Region', text: (each) => `${each.region_name}（${each.region}）`, width: 170 },
	{ key: 'state', name: 'State', text: (each) => say.value(stateOf(each)), look: (each) => LOOKS[stateOf(each)], width: 120 },
	{ key: 'code', name: 'Code waits until', text: (each) => moment(each.code_until), width: 160, isExtra: true },
];

type State = 'account in use' | 'account ended' | 'paused for wrong passwords';
const LOOKS: Readonly<Record<State, 'good' | 'plain' | 'warn'>> = { 'account in use': 'good', 'account ended': 'plain', 'paused for wrong passwords': 'warn' };

export function stateOf(person: Person): State {
	if (!person.active) return 'account ended';
	return person.locked_until && new Date(person.locked_until) > new Date() ? 'paused for wrong passwords' : 'account in use';
}
