/** A record as the server shows it to a reviewer (`GET /records`, `GET /records/{id}`), and what is read out of it. */
import type { Words } from '../texts';

export interface RecordLine {
	readonly id: string;
	readonly task_number: string;
	readonly task_name: string;
	readonly object_id: string;
	readonly object_name: string;
	readonly form_id: string;
	readonly form_version: string;
	readonly state: string;
	readonly flags: readonly string[];
	readonly heads: readonly string[];
	readonly author: string;
	readonly submitted_at: string | null;
	/** The last day of its task. */
	readonly due_on: string;
	readonly conflict: {
		readonly due_on: string;
		readonly overdue: boolean;
		readonly asked: { readonly by: string; readonly at: string; readonly note: string | null } | null;
	} | null;
	readonly media: { readonly expected: number; readonly arrived: number };
}

/** A question, a group or a row of the form with what was answered. */
export interface AnswerNode {
	readonly name: string;
	readonly path: string;
	readonly labels: Words;
	readonly kind?: string;
	readonly repeat?: boolean;
	readonly text?: string;
	readonly value?: unknown;
	readonly display?: Words;
	readonly children?: readonly AnswerNode[];
}

/** A position as a phone told it: WGS 84 degrees, a radius in metres. */
export interface Place {
	readonly latitude: number;
	readonly longitude: number;
	readonly accuracy: number | null;
}

export interface RecordFile {
	readonly name: string;
	readonly path: string | null;
	readonly kind: string | null;
	readonly sha256: string | null;
	readonly size: number | null;
	readonly type: string | null;
	readonly status: 'absent' | 'partial' | 'stored' | 'durable';
	/** By the phone. */
	readonly captured_at: string | null;
	readonly position: Place | null;
	readonly source: string | null;
}

export interface Finding {
	readonly kind: string;
	readonly path: string;
	readonly message: string;
	readonly message_en: string;
	readonly verdict?: string;
}

export interface Doubt {
	readonly id: string;
	readonly code: string;
	readonly question: string;
	readonly question_en: string;
	readonly state: string;
	readonly items: readonly { readonly key: string; readonly names: readonly string[]; readonly message: string; readonly message_en: string }[];
	readonly answers: readonly { readonly fine: boolean; readonly note: string | null; readonly reviewer: string; readonly answered_at: string }[];
}

export interface Mark {
	readonly path: string;
	readonly reason: string;
}

export interface Decision {
	readonly rev: string;
	readonly verdict: 'accepted' | 'returned';
	readonly reason: string | null;
	readonly marks: readonly Mark[];
	readonly due_on: string | null;
	readonly reviewer: string;
	readonly decided_at: string;
}

export interface Version {
	readonly rev: string;
	readonly parents: readonly string[];
	readonly author: string;
	readonly received_at: string;
	readonly wall_time: string | null;
	readonly position: { readonly latitude: number; readonly longitude: number; readonly accuracy: number; readonly is_mock: boolean | null } | null;
	readonly evidence_level: string | null;
	readonly flags: readonly string[];
	readonly key_doubts: readonly string[];
	readonly attestations: readonly { readonly role: string; readonly person: string; readonly valid: boolean; readonly counts: boolean }[];
}

export interface Dossier extends RecordLine {
	readonly rev: string;
	readonly final_rev: string | null;
	readonly return_reason: string | null;
	readonly answers: AnswerNode;
	readonly findings: readonly Finding[];
	readonly files: readonly RecordFile[];
	readonly versions: readonly Version[];
	readonly decisions: readonly Decision[];
	readonly blocks: readonly (Readonly<Record<string, unknown>> & { readonly code: string })[];
	readonly doubts: readonly Doubt[] | null;
}

/** A stretch of the form with the answers in it, in the order in which they were asked. */
export interface Section {
	readonly path: string;
	readonly title: Words;
	/** Counted from 1 for a row of a repeat; null for a group. */
	readonly row: number | null;
	readonly answers: readonly AnswerNode[];
}

/** The answers of a form by sections, without notes and without what no inspector sees. */
export function sectionsOf(root: AnswerNode): Section[] {
	const sections: Section[] = [];
	const gather = (node: AnswerNode, title: Words): void => {
		const own = (node.children ?? []).filter((each) => !each.children && isAsked(each));
		const row = /\[(\d+)\]$/.exec(node.path);
		if (own.length > 0) sections.push({ path: node.path, title, row: node.repeat && row ? Number(row[1]) : null, answers: own });
		for (const each of node.children ?? []) if (each.children) gather(each, each.labels.zh || each.labels.en ? each.labels : title);
	};
	gather(root, {});
	return sections;
}

const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Whether a line says something to people: what was chosen by its id stands in words beside it. */
function isAsked(node: AnswerNode): boolean {
	return node.kind !== 'note' && Boolean(node.labels.zh || node.labels.en) && !ID.test(node.text ?? '');
}

/** Answers in words by the names of their questions: what labels write as `{name}`. */
export function wordsByName(root: AnswerNode): Map<string, Words> {
	const found = new Map<string, Words>();
	const gather = (node: AnswerNode): void => {
		if (node.display) found.set(node.name, node.display);
		node.children?.forEach(gather);
	};
	gather(root);
	return found;
}

export interface Fix {
	readonly path: string;
	readonly labels: Words;
	readonly latitude: number;
	readonly longitude: number;
	readonly accuracy: number;
	/** Whether somebody measured it as an answer, or a phone told where a file was captured. */
	readonly of: 'answer' | 'file';
}

/** Where its files were captured, as the phone told; the same path as the answer that names them. */
export function placesOf(files: readonly RecordFile[], labels: ReadonlyMap<string, Words>): Fix[] {
	return files.flatMap(({ position, path, name }) =>
		position && path
			? [{ path, labels: labels.get(path) ?? { zh: name, en: name }, ...position, accuracy: position.accuracy ?? 0, of: 'file' as const }]
			: [],
	);
}

/** Where answers were measured: every position in a form, with the radius it claims in metres. */
export function fixesOf(root: AnswerNode): Fix[] {
	const found: Fix[] = [];
	const gather = (node: AnswerNode): void => {
		const value = node.kind === 'geopoint' ? (node.value as { latitude: number; longitude: number; accuracy: number } | null) : null;
		if (value) found.push({ path: node.path, labels: node.labels, ...value, of: 'answer' });
		node.children?.forEach(gather);
	};
	gather(root);
	return found;
}

/** The version that a reviewer decided on before, where the shown one came after a return. */
export function versionBefore(dossier: Dossier): string | null {
	const returned = dossier.decisions.filter((each) => each.verdict === 'returned' && each.rev !== dossier.rev);
	return returned.at(-1)?.rev ?? null;
}

/** Questions of the machine that nobody has answered. */
export function openDoubts(dossier: Dossier): readonly Doubt[] {
	return (dossier.doubts ?? []).filter((each) => each.state !== 'answered');
}
