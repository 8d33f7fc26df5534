/** Templates and rules of documents as the API shows them (`server/documents`). */

export interface Field {
	readonly field: string;
	readonly label: string;
	readonly filled: string;
}

export interface Template {
	readonly kind: string;
	readonly title: string;
	/** 0: the one that ships. */
	readonly version: number;
	readonly is_shipped: boolean;
	readonly note: string;
	readonly entered_at: string | null;
	readonly fields: readonly Field[];
}

export interface TemplateVersion {
	readonly version: number;
	readonly is_shipped: boolean;
	readonly note: string;
	readonly entered_at: string | null;
	readonly entered_by: string | null;
	readonly in_use: boolean;
}

/** A template that can be used: the fields that it names, and those it leaves out. */
export interface Trial {
	readonly used: readonly Field[];
	readonly unused: readonly Field[];
}

export interface NumberRule {
	readonly kind: string;
	readonly title: string;
	readonly word: string;
	/** Empty: as the others are. */
	readonly pattern: string;
	readonly next: number;
}

export interface OwnWords {
	readonly field: string;
	readonly label: string;
	readonly titles: readonly string[];
	readonly value: string;
}

export interface DocumentRules {
	readonly organisation_id: string;
	readonly prefix: string;
	readonly usual: string;
	readonly year: number;
	readonly kinds: readonly NumberRule[];
	readonly texts: readonly OwnWords[];
}

/** The number that comes next by a pattern, to be looked at before it is kept; whether it may be kept says the server. */
export function nextNumber(pattern: string, prefix: string, { word, next }: NumberRule, year: number): string {
	const values: Readonly<Record<string, string>> = { prefix, word, year: String(year), number: String(next) };
	return pattern.replace(/\{(prefix|word|year|number)(?::0([1-9]))?\}/g, (_, name: string, width?: string) => values[name]!.padStart(Number(width ?? 0), '0'));
}
