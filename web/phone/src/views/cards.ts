/** What the pages show of tasks, records and objects: plain values made from the reducer's state. */
import type { PhoneState } from '../../../sync/phoneState.ts';
import type { DraftRow } from '../keeping/database';
import type { Place, Shape } from '../shapes';
import { badgeOf, revisionOf, WORDS, type Badge, type Sent } from '../work/arrival';

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

export interface TaskCard {
	readonly id: string;
	readonly number: string;
	readonly name: string;
	readonly object: string;
	readonly opensOn: string;
	readonly dueOn: string;
	readonly daysLeft: number;
	readonly approvalNo: string | null;
	readonly noticeNo: string | null;
	readonly licence: string | null;
	readonly isWithdrawn: boolean;
	readonly inspectors: readonly { id: string; name: string; role: string; certificate: string | null }[];
	readonly forms: readonly { id: string; title: string; isBegun: boolean }[];
	readonly records: readonly RecordCard[];
	/** The record that wants most attention; null while there is none. */
	readonly badge: Badge | null;
}

export interface ObjectCard {
	readonly id: string;
	readonly name: string;
	readonly shapes: readonly Shape[];
}

const DAY = 86_400_000;
/** Tasks on this phone, those overdue first; withdrawn ones stay while there is work on them. */
export function taskCards(state: PhoneState, drafts: readonly DraftRow[], sent: Sent): TaskCard[] {
	const ours = [...of(state.view.entities, 'task'), ...of(state.view.withdrawn, 'task')];
	const seen = new Set<string>();
	return ours
		.filter(([id]) => !seen.has(id) && seen.add(id))
		.map(([id, body]) => taskCard(state, drafts, sent, id, body))
		.sort((one, other) => one.dueOn.localeCompare(other.dueOn) || one.number.localeCompare(other.number));
}

function taskCard(state: PhoneState, drafts: readonly DraftRow[], sent: Sent, id: string, body: Body): TaskCard {
	const records = recordCards(state, drafts, sent, id);
	const begun = new Set([...formsBegun(state, id), ...drafts.filter((each) => each.task === id).map((each) => each.form)]);
	const row = body['prefill']?.['tasks'] ?? {};
	const worst = WORDS.find((word) => records.some((record) => record.badge.word === word));
	const [first] = records.filter((record) => record.badge.word === worst);
	return {
		id,
		number: body['number'],
		name: body['name'],
		object: row['obj_name'] ?? bodyOf(state, 'object', body['object'])?.['name'] ?? body['name'],
		opensOn: body['opens_on'],
		dueOn: body['due_on'],
		daysLeft: Math.round((Date.parse(body['due_on']) - Date.parse(today())) / DAY),
		approvalNo: body['approval_no'],
		noticeNo: body['notice_no'],
		licence: row['licence_no'] || null,
		isWithdrawn: state.view.withdrawn.has(`task\0${id}`),
		inspectors: body['inspectors'],
		forms: (body['forms'] as Body[]).map((form) => ({
			id: form['id'],
			title: bodyOf(state, 'form', form['id'])?.['title'] ?? form['id'],
			isBegun: begun.has(form['id']),
		})),
		records,
		badge: first?.badge ?? null,
	};
}

/** The date here, as the wire writes dates. */
function today(): string {
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

function recordCards(state: PhoneState, drafts: readonly DraftRow[], sent: Sent, task: string): RecordCard[] {
	const known = new Map<string, string>();
	for (const [id, body] of of(state.view.entities, 'record')) if (body['task'] === task) known.set(id, body['form']);
	for (const { record, form } of sealedOf(state, task)) known.set(record, form);
	for (const draft of drafts) if (draft.task === task) known.set(draft.record, draft.form);
	return [...known].map(([id, form]) => {
		const badge = badgeOf(state, drafts, sent, id);
		const body = bodyOf(state, 'record', id);
		return {
			id,
			form: bodyOf(state, 'form', form)?.['title'] ?? form,
			badge,
			reason: body?.['return_reason'] ?? null,
			isDraft: badge.word === 'Draft',
			isReturned: badge.word === 'Returned',
		};
	});
}

export function objectCards(state: PhoneState): ObjectCard[] {
	return of(state.view.entities, 'object').map(([id, body]) => ({ id, name: body['name'], shapes: shapesOf(body) }));
}

function shapesOf(object: Body): Shape[] {
	const shapes: Shape[] = [];
	for (const licence of object['licences'] ?? []) {
		const geometry = licence['boundary']?.['geometry'] as Body | undefined;
		const polygons = (geometry?.['type'] === 'Polygon' ? [geometry['coordinates']] : (geometry?.['coordinates'] ?? [])) as Place[][][];
		for (const polygon of polygons) for (const ring of polygon) shapes.push({ name: licence['licence_no'], places: ring });
		for (const marker of licence['markers']?.['features'] ?? []) {
			shapes.push({ name: marker['properties']['marker_no'], places: [marker['geometry']['coordinates'] as Place] });
		}
	}
	return shapes;
}

function of(entities: PhoneState['view']['entities'], kind: string): [string, Body][] {
	const start = `${kind}\0`;
	return [...entities].filter(([key]) => key.startsWith(start)).map(([key, entity]) => [key.slice(start.length), entity.body as Body]);
}

function bodyOf(state: PhoneState, kind: string, id: string): Body | undefined {
	const key = `${kind}\0${id}`;
	return (state.view.entities.get(key) ?? state.view.withdrawn.get(key))?.body as Body | undefined;
}
