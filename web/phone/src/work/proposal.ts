/** The server's proposal for a record that two phones changed, as docs/protocol.md has it. */
import type { MediaEntry } from '../keeping/database';

export interface ValueAt {
	readonly rev: string;
	readonly value: Answer | { readonly rows: readonly (readonly Row[])[] } | null;
}

export interface Answer {
	readonly kind: string;
	readonly text: string;
	readonly display: Readonly<Record<string, string>> | null;
	readonly file: MediaEntry | null;
}

export type Row = Answer & { readonly path: string; readonly titles: Readonly<Record<string, string>> };

export interface Place {
	readonly path: string;
	readonly unit: 'answer' | 'row' | 'row_as_a_whole' | 'repeat_as_a_whole';
	readonly titles: Readonly<Record<string, string>>;
	readonly heads: readonly string[];
	readonly values: readonly ValueAt[];
	readonly bases: readonly ValueAt[];
}

export interface Head {
	readonly rev: string;
	readonly author: { readonly id: string; readonly name: string; readonly role: string | null };
	readonly received_at: string;
}

export interface MergeDraft {
	readonly parents: string[];
	readonly onto: string;
	readonly form_version: string;
	readonly xml: string;
	readonly media: MediaEntry[];
	readonly lost: readonly { readonly path: string }[];
}

/** `GET /records/{id}/merge`, as docs/protocol.md has it. */
export interface Proposal {
	readonly record: string;
	readonly task: string;
	readonly form: string;
	readonly may_resolve: boolean;
	readonly heads: readonly Head[];
	readonly versions_differ: boolean;
	readonly automatic: readonly (Place & { readonly change: string })[];
	readonly clashes: readonly Place[];
	readonly left_out: readonly { readonly path: string; readonly titles: Readonly<Record<string, string>> }[];
	readonly resolution: MergeDraft | null;
	readonly one_tap: boolean;
}
