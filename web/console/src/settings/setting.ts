/** Settings of the installation as the API tells them. */
export interface Setting {
	readonly variable: string;
	readonly group: string;
	readonly value: string | null;
	readonly is_secret: boolean;
	readonly is_set: boolean;
	readonly is_default: boolean;
	readonly meaning: string;
	readonly meaning_en: string;
}

export const GROUPS: readonly (readonly [group: string, name: string])[] = [
	['data', 'Where things are kept'],
	['backup', 'Backups and second copy'],
	['keys', 'Keys and time-stamps'],
	['phones', 'Phones and sign-ins'],
	['uploads', 'Uploads and limits'],
	['platform', 'The provincial platform'],
	['site', 'The public site'],
	['processes', 'Processes and address'],
];

/** A number of bytes as people read it, beside the number. */
export function readable({ variable, value }: Setting): string {
	if (!variable.endsWith('_BYTES') || value === null) return '';
	const mebibytes = Number(value) / (1024 * 1024);
	return mebibytes >= 1024 ? `${(mebibytes / 1024).toFixed(1)} GiB` : `${mebibytes.toFixed(0)} MiB`;
}
