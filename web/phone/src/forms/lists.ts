/** Writes rows as CSV with a header of every column that any row has. */
export function csvOf(rows: readonly Readonly<Record<string, string>>[]): string {
	const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
	const cell = (text: string) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
	const lines = [columns, ...rows.map((row) => columns.map((column) => row[column] ?? ''))];
	return lines.map((line) => line.map((each) => cell(String(each))).join(',')).join('\n') + '\n';
}
