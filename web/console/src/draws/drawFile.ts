/** The file of a draw as everybody gets it (`/public/draws/{id}`). */
export interface Share {
	readonly percent: string;
	readonly least: number;
	readonly rounding: string;
}

export interface DrawFile {
	readonly id: string;
	readonly number: string;
	readonly kind: string;
	readonly state: 'committed' | 'frozen' | 'revealed' | 'published' | 'abandoned' | 'superseded';
	readonly region: string;
	readonly bureau: string;
	readonly task: string;
	readonly opens_on: string;
	readonly due_on: string;
	readonly commitment: string;
	readonly randomness_source: string;
	readonly randomness: string;
	readonly frame_digest: string;
	readonly reason: string;
	readonly committed_at: string;
	readonly frozen_at: string | null;
	readonly revealed_at: string | null;
	readonly published_at: string | null;
	readonly secret: string;
	readonly seed: string;
	readonly drawn: readonly string[];
	readonly visits: readonly { readonly object: string; readonly teams: Readonly<Record<string, readonly string[]>> }[];
	readonly unmatched: readonly { readonly object: string; readonly team: string; readonly why: string }[];
	readonly replacements: readonly { readonly object: string; readonly team: string; readonly out: string; readonly into: string }[];
	readonly frame: Frame | null;
}

export interface Frame {
	readonly about: Readonly<Record<string, unknown>>;
	readonly objects: readonly {
		readonly id: string;
		readonly name: string;
		readonly code: string | null;
		readonly region: string;
		readonly stratum: string;
		readonly lots: number;
		readonly out: string;
		readonly counted: boolean;
	}[];
	readonly people: readonly Person[];
	readonly strata: readonly (Share & { readonly name: string; readonly count: number })[];
	readonly teams: readonly Team[];
	readonly total: Share;
}

export interface Person {
	readonly id: string;
	readonly team: string;
	readonly regions: readonly string[];
	readonly barred: readonly string[];
	readonly leads: boolean;
	readonly load: number;
}

export interface Team {
	readonly name: string;
	readonly size: number;
	readonly most: number;
	readonly leads: boolean;
	readonly experts: boolean;
}
