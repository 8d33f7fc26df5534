/** Complaints and suggestions as the API shows them. */
export interface ComplaintRow {
	readonly id: string;
	readonly kind: 'complaint' | 'suggestion';
	readonly text: string;
	readonly written_at: string;
	readonly received_at: string;
	readonly state: 'received' | 'answered';
	readonly sender: { readonly id: string; readonly name: string };
	readonly answer: string | null;
	readonly answered_by: string | null;
	readonly answered_at: string | null;
}

export const STATES = [
	['received', 'to be answered'],
	['answered', 'answered'],
] as const;
export const NAMES: Readonly<Record<string, string>> = Object.fromEntries(STATES);
export const KINDS = { complaint: 'Complaint', suggestion: 'Suggestion' } as const;
