/** Phones and keys of ODK applications as the API shows them. */
import type { Entry, Member } from '../audit/entry';
import type { Column } from '../lists/columns';
import { moment, say } from '../texts';

export interface PhoneRow {
	readonly id: string;
	readonly device: string;
	readonly person: { readonly id: string; readonly username: string; readonly name: string; readonly region: string };
	readonly name: string;
	readonly first_seen: string;
	readonly last_sign_in: string;
	readonly last_seen: string;
	readonly blocked_at: string | null;
	readonly blocked_because: string | null;
	readonly standing: { readonly said_at: string; readonly version: string; readonly drafts: number; readonly records: number; readonly files: number; readonly used: number | null; readonly quota: number | null } | null;
	readonly key_state: 'none' | 'enrolled' | 'ended' | 'revoked';
}

export interface PhoneKey {
	readonly key_id: string;
	readonly enrolled_at: string;
	readonly ended_at: string | null;
	readonly ended_because: string | null;
	readonly revoked_at: string | null;
	readonly revoked_since: string | null;
	readonly revoked_because: string | null;
}

export interface StockKey {
	readonly id: string;
	readonly person_name: string;
	readonly username: string;
	readonly name: string;
	readonly made_at: string;
	readonly bound: boolean;
	readonly bound_at: string | null;
	readonly last_sent_at: string | null;
	readonly sent: number;
	readonly ended_at: string | null;
	readonly ended_because: string | null;
}

/** A submission of a stock phone of which files are still to come. */
export interface Arriving {
	readonly id: string;
	readonly person_name: string;
	readonly form: string;
	readonly form_version: string;
	readonly expected: number | null;
	readonly here: number;
	readonly missing: readonly string[];
	readonly since: string;
	readonly last_at: string;
}

export const KEY_STATES = { none: 'no key: unsigned', enrolled: 'key in force', ended: 'key ended', revoked: 'key revoked' } as const;
/** Why a key ends, or is in doubt: codes of the server's. */
export const ENDS = ['handed_back', 'data_lost', 'other'] as const;
export const DOUBTS = ['lost', 'stolen', 'compromised', 'other'] as const;
const LOOKS = { none: 'plain', enrolled: 'good', ended: 'warn', revoked: 'bad' } as const;

/** How a key stands, by its moments: what was revoked is so also after it was ended. */
export const stateOf = (key: PhoneKey): 'enrolled' | 'ended' | 'revoked' => (key.revoked_at ? 'revoked' : key.ended_at ? 'ended' : 'enrolled');

/** What has not arrived, as the phone said last. */
export function pendingOf({ standing }: PhoneRow): string {
	if (standing === null) return say.value('not told yet');
	const { drafts, records, files } = standing;
	return drafts + records + files === 0 ? say.value('everything has arrived') : say.value('drafts {drafts}, records {records}, files {files}', { drafts, records, files });
}

export function storeOf({ standing }: PhoneRow): string {
	if (!standing?.quota || standing.used === null) return '';
	return `${Math.round((100 * standing.used) / standing.quota)}%`;
}

export const COLUMNS: readonly Column<PhoneRow>[] = [
	{ key: 'person', name: 'Person', text: ({ person }) => `${person.name}（${person.username}）`, width: 180 },
	{ key: 'name', name: 'Phone', text: ({ name }) => name, width: 160 },
	{ key: 'seen', name: 'Last seen', text: (each) => moment(each.last_seen), width: 150 },
	{ key: 'pending', name: 'Not arrived, as it said last', text: pendingOf, look: ({ standing }) => (standing && standing.drafts + standing.records + standing.files > 0 ? 'warn' : undefined), width: 230 },
	{ key: 'store', name: 'Store in use', text: storeOf, width: 100 },
	{ key: 'key', name: 'Key', text: (each) => say.value(KEY_STATES[each.key_state]), look: (each) => LOOKS[each.key_state], width: 120 },
	{ key: 'blocked', name: 'State', text: (each) => say.value(each.blocked_at ? 'blocked' : 'usable'), look: (each) => (each.blocked_at ? 'bad' : 'good'), width: 90 },
	{ key: 'version', name: 'Application', text: ({ standing }) => standing?.version ?? '', width: 160 },
	{ key: 'first', name: 'First seen', text: (each) => moment(each.first_seen), width: 150, isExtra: true },
];

export const STOCK_COLUMNS: readonly Column<StockKey>[] = [
	{ key: 'person', name: 'Person', text: (each) => `${each.person_name}（${each.username}）`, width: 180 },
	{ key: 'name', name: 'Phone', text: ({ name }) => name, width: 160 },
	{ key: 'state', name: 'State', text: (each) => say.value(each.ended_at ? 'key was ended' : each.bound ? 'bound to a phone' : 'waits for its phone'), look: (each) => (each.ended_at ? 'plain' : each.bound ? 'good' : 'warn'), width: 120 },
	{ key: 'sent', name: 'Records sent', text: ({ sent }) => String(sent), width: 100 },
	{ key: 'last', name: 'Last sent', text: (each) => moment(each.last_sent_at), width: 150 },
	{ key: 'made', name: 'Made at', text: (each) => moment(each.made_at), width: 150 },
];

export const ARRIVING_COLUMNS: readonly Column<Arriving>[] = [
	{ key: 'person', name: 'Person', text: (each) => each.person_name, width: 120 },
	{ key: 'form', name: 'Form', text: (each) => `${each.form} ${each.form_version}`, width: 200 },
	{ key: 'here', name: 'Files here', text: ({ here, expected }) => (expected === null ? String(here) : `${here} / ${expected}`), width: 100 },
	{ key: 'missing', name: 'Files missing', text: ({ missing }) => missing.join('、'), width: 260 },
	{ key: 'last', name: 'Came last', text: (each) => moment(each.last_at), width: 150 },
	{ key: 'since', name: 'Since', text: (each) => moment(each.since), width: 150 },
];

/** What was done to a phone, with causes and moments as people say them; ids stand in the audit trail. */
export function historyOf(entries: readonly Entry[]): readonly Entry[] {
	const because = (action: string, code: string): string => say.value(`key ${action.endsWith('ended') ? 'end' : 'doubt'}: ${code}`);
	const told = (action: string) => (each: Member): Member => {
		if (each.member === 'because') return { ...each, now: because(action, String(each.now)) };
		return each.member === 'since' ? { ...each, now: moment(String(each.now)) } : each;
	};
	const IDS = ['key', 'person', 'replaces', 'replaced_by', 'endorsement'];
	return entries.map((entry) => ({ ...entry, members: entry.members.filter(({ member, now }) => !IDS.includes(member) && now !== '').map(told(entry.action)) }));
}
