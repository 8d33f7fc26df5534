/** What a list shows: columns of its rows, and the filters above it. */
export interface Column<Row> {
	/** Tells columns apart, also in what somebody chose to see. */
	readonly key: string;
	/** In English; said in the language of the console. */
	readonly name: string;
	/** What stands in the cell, and in the file that is exported. */
	readonly text: (row: Row) => string;
	/** Pixels at least. */
	readonly width?: number;
	/** How the cell looks: a state as a tag, a day that has passed in red. */
	readonly look?: (row: Row) => 'good' | 'warn' | 'bad' | 'plain' | undefined;
	/** Not shown until somebody asks for it. */
	readonly isExtra?: boolean;
}

export interface Filter {
	/** The name of the query's argument. */
	readonly key: string;
	readonly name: string;
	/** Values with what they are called, in English; without any, text is written. */
	readonly options?: readonly (readonly [value: string, name: string])[];
	/** Set by a link only, such as to the tasks of one row of a plan; shown as one that can be taken away. */
	readonly isLinked?: boolean;
}

const MARK = '\uFEFF'; // Excel and WPS read UTF-8 by it.

/** Rows as CSV that Excel and WPS open; a cell that begins like a formula is text. */
export function asCsv(titles: readonly string[], rows: readonly (readonly string[])[]): string {
	const cell = (text: string) => `"${(/^[=+\-@\t\r]/.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`;
	return MARK + [titles, ...rows].map((row) => row.map(cell).join(',')).join('\r\n') + '\r\n';
}

/** The address of a list with its filters; empty ones are left out. */
export function withFilters(path: string, filters: Readonly<Record<string, string>>, limit: number): string {
	const query = new URLSearchParams(Object.entries(filters).filter(([, value]) => value !== ''));
	query.set('limit', String(limit));
	return `${path}?${query}`;
}
