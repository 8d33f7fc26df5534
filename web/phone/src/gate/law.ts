/** The rules of the gate and the law behind them, as the server judges by: one table for both, compiled in, read without a network. */
import table from '../../../../server/inspections/gate/rules.json';

export interface Basis {
	/** Law or document, with the article where it has one. */
	readonly source: string;
	/** What it says of this, in short; quoted where it stands in quotation marks. */
	readonly says: string;
}

export type Verdict = 'allow' | 'warn' | 'block';

interface Outcome {
	readonly verdict: Verdict;
	readonly why?: string;
	readonly why_en?: string;
}

export interface Rule {
	readonly code: string;
	readonly name: string;
	readonly nameEn: string;
	/** Somebody in the office may allow what it forbids. */
	readonly isOverridable: boolean;
	readonly bases: readonly Basis[];
	readonly outcomes: Readonly<Record<string, Outcome>>;
}

const BASES: Readonly<Record<string, Basis>> = table.bases;

export const RULES: ReadonlyMap<string, Rule> = new Map(
	table.rules.map((each) => [
		each.code,
		{
			code: each.code,
			name: each.name,
			nameEn: each.name_en,
			isOverridable: each.override,
			bases: each.bases.map((name) => BASES[name]!),
			outcomes: each.outcomes as unknown as Readonly<Record<string, Outcome>>,
		},
	]),
);

export const DISCIPLINE: Basis = table.bases.discipline;

/** How a visit is made (检查方式), and what it needs: of `position entry_code signature institution report opinion`. */
export interface Mode {
	readonly name: string;
	readonly name_en: string;
	readonly needs: readonly string[];
}

const MODES: Readonly<Record<string, Mode>> = table.modes;

/** A mode by its code; one that this version has never heard of is made on site. */
export function modeOf(code: string): Mode {
	return MODES[code] ?? table.modes.on_site;
}
