/** Where planned inspections of a year would meet at one door. */
export interface MeetingRow {
	readonly id: string;
	readonly name: string;
	readonly initiator: string;
}

export interface Meeting {
	readonly planned: readonly MeetingRow[];
	readonly first: string;
	readonly last: string;
	readonly objects: number;
}

export interface Foreseen {
	readonly repeated: readonly Meeting[];
	readonly merges: readonly Meeting[];
	readonly saved: number;
	readonly cap: number | null;
	readonly over_cap: number;
	readonly most: readonly { readonly enterprise_id: string; readonly name: string; readonly visits: number }[];
	readonly unframed: readonly MeetingRow[];
}
