/** What the pages show of tasks, records and objects: plain values made from the reducer's state. */
import type { PhoneState } from '../../../sync/phoneState.ts';
import { titleOf, wasOffered } from '../forms/titles';
import type { DraftHead } from '../keeping/database';
import { middleOf, type Place } from '../shapes';
import { badgeOf, revisionOf, WORDS, type Badge, type Sent } from '../work/arrival';
import { rowOf, sectionOf, sectionsOf, type Section } from '../work/sections';
import { shapesOf } from './objects';

type Body = Readonly<Record<string, any>>;

export type { Badge } from '../work/arrival';

export interface RecordCard {
	readonly id: string;
	readonly form: string;
	readonly badge: Badge;
	readonly reason: string | null;
	readonly isDraft: boolean;
	readonly isReturned: boolean;
}

export interface Inspector {
	readonly id: string;
	readonly name: string;
	readonly role: string;
	readonly certificate: string | null;
	/** The certificate's last day. */
	readonly validTo: string | null;
	/** The department that the person inspects for, in a joint visit. */
	readonly department: string | null;
}

export interface LastVisit {
	readonly on: string;
	readonly result: string;
	readonly problem: string;
}

/** What the server found that is not as it should be (`gate` of a task's body). */
export interface Told {
	readonly rule: string;
	readonly outcome: string;
	readonly facts: readonly string[];
	readonly allowed: { readonly by: string; readonly reason: string } | null;
}

export interface TaskCard {
	readonly id: string;
	readonly number: string;
	readonly name: string;
	readonly object: string;
	readonly objectId: string;
	readonly address: string;
	/** Where the object is, as it is registered; null where nobody knows. */
	readonly place: Place | null;
	readonly isEnterprise: boolean;
	/** Nothing is left to do here on this phone. */
	readonly isFinished: boolean;
	readonly items: readonly string[];
	/** Inspections of the object this year, this one included. */
	readonly yearCount: number;
	/** What the bureau asks of a visit: so many a year at most, null where no cap is known; a code on entry. */
	readonly mostAYear: number | null;
	readonly asksEntryCode: boolean;
	/** How it is made (检查方式), by the table of modes. */
	readonly mode: string;
	/** One's own department in a joint visit, whose items and forms these are; null in any other. */
	readonly section: Section | null;
	/** What the server found about its legality that is not as it should be. */
	readonly told: readonly Told[];
	readonly lastVisit: LastVisit | null;
	readonly opensOn: string;
	readonly dueOn: string;
	readonly daysLeft: number;
	readonly approvalNo: string | null;
	readonly noticeNo: string | null;
	readonly licence: string | null;
	readonly isWithdrawn: boolean;
	readonly inspectors: readonly Inspector[];
	readonly forms: readonly FormCard[];
	readonly records: readonly RecordCard[];
	/** The record that wants most attention; null while there is none. */
	readonly badge: Badge | null;
}

export interface FormCard {
	readonly id: string;
	readonly title: string;
	readonly isBegun: boolean;
	/** Why nothing can be begun with it on this phone; null where it can. */
	readonly lacks: 'withdrawn' | 'to come' | null;
}

const DAY = 86_400_000;
/** Tasks on this phone, those overdue first; withdrawn ones stay while there is work on them. */
export function taskCards(state: PhoneState, drafts: readonly DraftHead[], sent: Sent): TaskCard[] {
	const ours = [...of(state.view.entities, 'task'), ...of(state.view.withdrawn, 'task')];
	const seen = new Set<string>();
	return ours
		.filter(([id]) => !seen.has(id) && seen.add(id))
		.map(([id, body]) => taskCard(state, drafts, sent, id, body))
		.sort((one, other) => one.dueOn.localeCompare(other.dueOn) || one.number.localeCompare(other.number));
}

function taskCard(state: PhoneState, drafts: readonly DraftHead[], sent: Sent, id: string, body: Body): TaskCard {
	const records = recordCards(state, drafts, sent, id);
	const begun = new Set([...formsBegun(state, id), ...drafts.filter((each) => each.task === id).map((each) => each.form)]);
	const row: Body = body['prefill'] ? rowOf(body, state.user) : {};
	const section = sectionOf(body, state.user);
	const forms = (body['forms'] as Body[]).filter((form) => section === null || section.forms.includes(form['id']));
	const worst = WORDS.find((word) => records.some((record) => record.badge.word === word));
	const [first] = records.filter((record) => record.badge.word === worst);
	const object = bodyOf(state, 'object', body['object']);
	const wanted = forms.map((form) => form['id'] as string);
	const departments = sectionsOf(body);
	const dueOn = section?.dueOn ?? (body['due_on'] as string);
	const isThrough = records.length > 0 && worst === 'Arrived' && wanted.every((form) => begun.has(form));
	return {
		id,
		number: body['number'],
		name: body['name'],
		object: row['obj_name'] ?? object?.['name'] ?? body['name'],
		objectId: body['object'],
		address: row['obj_addr'] ?? object?.['address'] ?? '',
		place: placeOf(object),
		isEnterprise: row['obj_kind'] === 'enterprise',
		isFinished: body['state'] === 'done' || isThrough,
		items: section?.items ?? body['items'] ?? [],
		section,
		yearCount: Number(row['year_count'] ?? 1),
		mostAYear: body['rules']?.['a_year'] ?? null,
		asksEntryCode: body['rules']?.['entry_code'] ?? false,
		mode: body['mode'] ?? 'on_site',
		told: body['gate'] ?? [],
		lastVisit: row['last_visit_on'] ? { on: row['last_visit_on'], result: row['last_result'], problem: row['last_problem'] } : null,
		opensOn: body['opens_on'],
		dueOn,
		daysLeft: Math.round((Date.parse(dueOn) - Date.parse(today())) / DAY),
		approvalNo: body['approval_no'],
		noticeNo: body['notice_no'],
		licence: row['licence_no'] || null,
		isWithdrawn: state.view.withdrawn.has(`task\0${id}`),
		inspectors: (body['inspectors'] as Body[]).map((each) => ({
			id: each['id'],
			name: each['name'],
			role: each['role'],
			certificate: each['certificate'],
			validTo: each['certificate_valid_to'] ?? null,
			department: departments.find((one) => one.inspectors.includes(each['id']))?.name ?? null,
		})),
		forms: forms.map((form) => ({
			id: form['id'],
			title: titleOf(form['id'], bodyOf(state, 'form', form['id'])),
			isBegun: begun.has(form['id']),
			lacks: bodyOf(state, 'form', form['id']) ? null : wasOffered(form['id']) ? 'withdrawn' : 'to come',
		})),
		records,
		badge: first?.badge ?? null,
	};
}

/** Where an object is registered to be; the middle of its boundary where only that is known. */
function placeOf(object: Body | undefined): Place | null {
	if (object?.['latitude'] != null && object['longitude'] != null) return [object['longitude'], object['latitude']];
	return object ? middleOf(shapesOf(object)) : null;
}

/** The date here, as the wire writes dates. */
export function today(): string {
	const now = new Date();
	return new Date(now.getTime() - now.getTimezoneOffset() * 60_000).toISOString().slice(0, 10);
}

function formsBegun(state: PhoneState, task: string): string[] {
	const here = of(state.view.entities, 'record').filter(([, body]) => body['task'] === task);
	return [...here.map(([, body]) => body['form'] as string), ...sealedOf(state, task).map((each) => each.form)];
}

function sealedOf(state: PhoneState, task: string): { record: string; form: string }[] {
	return state.ops
		.filter((op) => op.task === task && op.kind === 'revision' && op.record !== null)
		.map((op) => ({ record: op.record!, form: String(revisionOf(op)['form']) }));
}

function recordCards(state: PhoneState, drafts: readonly DraftHead[], sent: Sent, task: string): RecordCard[] {
	const known = new Map<string, string>();
	for (const [id, body] of of(state.view.entities, 'record')) if (body['task'] === task) known.set(id, body['form']);
	for (const { record, form } of sealedOf(state, task)) known.set(record, form);
	for (const draft of drafts) if (draft.task === task) known.set(draft.record, draft.form);
	return [...known].map(([id, form]) => {
		const badge = badgeOf(state, drafts, sent, id);
		const body = bodyOf(state, 'record', id);
		return {
			id,
			form: titleOf(form, bodyOf(state, 'form', form)),
			badge,
			reason: body?.['return_reason'] ?? null,
			isDraft: badge.word === 'Draft',
			isReturned: badge.word === 'Returned',
		};
	});
}

function of(entities: PhoneState['view']['entities'], kind: string): [string, Body][] {
	const start = `${kind}\0`;
	return [...entities].filter(([key]) => key.startsWith(start)).map(([key, entity]) => [key.slice(start.length), entity.body as Body]);
}

function bodyOf(state: PhoneState, kind: string, id: string): Body | undefined {
	const key = `${kind}\0${id}`;
	return (state.view.entities.get(key) ?? state.view.withdrawn.get(key))?.body as Body | undefined;
}
