/** Documents as the API shows them (`server/documents`). */

export type SubjectKind = 'task' | 'record' | 'result' | 'followup';

export interface Issued {
	readonly id: string;
	readonly number: string;
	readonly version: number;
	readonly state: 'issued' | 'superseded' | 'withdrawn';
	readonly pages: number;
	readonly size: number;
	readonly issued_at: string;
	readonly reason: string | null;
	readonly ended_reason: string | null;
}

export interface Missing {
	readonly field: string;
	readonly label: string;
	readonly entered: boolean;
}

export interface Entered {
	readonly field: string;
	readonly label: string;
	readonly required: boolean;
	readonly value: string;
}

export interface Offer {
	readonly kind: string;
	readonly title: string;
	readonly subject_kind: SubjectKind;
	readonly subject_id: string;
	readonly missing: readonly Missing[];
	readonly entered: readonly Entered[];
	readonly issued: readonly Issued[];
	/** The state that keeps it from being made now. */
	readonly why_not: string | null;
}

export interface CaseFile {
	readonly id: string;
	readonly state: 'waiting' | 'making' | 'ready' | 'failed';
	readonly done: number;
	readonly total: number;
	readonly problem: string | null;
	readonly pages: number | null;
	readonly size: number | null;
}

export const keyOf = (offer: Offer): string => `${offer.kind}/${offer.subject_id}`;
export const about = (offer: Offer) => ({ kind: offer.kind, subject_kind: offer.subject_kind, subject_id: offer.subject_id });
export const draftPath = (offer: Offer, what: 'pdf' | 'docx'): string => `documents/drafts/${what}?${new URLSearchParams(about(offer))}`;
/** The version that counts now. */
export const standing = (offer: Offer): Issued | undefined => offer.issued.find((each) => each.state === 'issued');
