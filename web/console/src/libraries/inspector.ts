/** Inspectors as they stand on a day. */
export interface Certificate {
	readonly number: string;
	readonly issuer: string;
	readonly valid_from: string;
	readonly valid_to: string;
	readonly kind: string | null;
}

export interface Standing {
	readonly person_id: string;
	readonly name: string;
	readonly region: string;
	readonly certificates: readonly Certificate[];
	readonly certified: boolean;
	readonly admitted: boolean;
	readonly exam_years: readonly number[];
	readonly exams_failed: readonly number[];
	readonly scope: readonly string[];
	readonly tags: readonly string[];
	readonly lent_to: readonly string[];
	readonly in_library: boolean;
}

const SOON = 90; // days

/** The last day of the certificate that lasts longest. */
export function endOf(standing: Standing): string | undefined {
	return standing.certificates.map(({ valid_to }) => valid_to).sort().at(-1);
}

/** Whether a day is near enough to renew a certificate. */
export function isSoon(day: string | undefined, today: string): boolean {
	return day !== undefined && (Date.parse(day) - Date.parse(today)) / 86_400_000 < SOON;
}
