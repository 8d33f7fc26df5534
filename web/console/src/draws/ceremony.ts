/** Ceremonies as the API shows them to the house. */
export interface CeremonyRow {
	readonly id: string;
	readonly planned_id: string;
	readonly number: string;
	readonly kind: string;
	readonly state: string;
	readonly opens_on: string;
	readonly due_on: string;
	readonly frame_digest: string;
	readonly reason: string;
	readonly committed_at: string;
	readonly published_at: string | null;
}

export interface CeremonyDetail extends CeremonyRow {
	/** Nothing can be drawn for its row any more: it can only be given up. */
	readonly row_withdrawn: boolean;
	/** What has reached the yearly cap since the frame was frozen: it can't be drawn, a new frame is frozen. */
	readonly over_cap: readonly { readonly id: string; readonly name: string }[];
	readonly pairs: readonly { readonly object_id: string; readonly teams: Readonly<Record<string, readonly string[]>> }[];
}

export const STATES: Readonly<Record<string, string>> = {
	committed: 'announced',
	frozen: 'frame frozen',
	revealed: 'drawn',
	published: 'published',
	abandoned: 'given up',
	superseded: 'drawn anew',
};

/** Why an object isn't drawn from, as the frame has it. */
export const WHY: Readonly<Record<string, string>> = {
	region: 'too few inspectors in the region',
	recusal: 'too few without an interest',
	lead: 'nobody who may lead',
	load: 'everybody has enough visits',
};
