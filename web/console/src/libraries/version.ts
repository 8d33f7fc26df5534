/** Versions of a bureau's lists as the server tells them. */
export interface ListVersion {
	readonly id: string;
	readonly kind: 'items' | 'responsibilities';
	readonly number: number;
	readonly state: 'prepared' | 'approved' | 'published';
	readonly effective_on: string;
	readonly reason: string;
	readonly count: number;
	readonly sha256: string;
	readonly approved_by: string | null;
	readonly approval_no: string | null;
	readonly published_at: string | null;
}
