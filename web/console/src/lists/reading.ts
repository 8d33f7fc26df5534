/** A list as it is read: page by page, never more than somebody asked for. */
import { ref, shallowRef } from 'vue';
import { page } from '../wire/door';
import { withFilters } from './columns';

const PAGE = 100;
const WHOLE = 200;

export function useList<Row>(path: () => string) {
	const rows = shallowRef<readonly Row[]>([]);
	const next = ref<string | null>(null);
	const isReading = ref(false);
	const problem = ref('');
	let asked = new AbortController();

	async function read(address: string, keep: readonly Row[]): Promise<void> {
		asked.abort();
		asked = new AbortController();
		const { signal } = asked;
		isReading.value = true;
		problem.value = '';
		try {
			const found = await page<Row>(address, signal);
			if (signal.aborted) return;
			rows.value = [...keep, ...found.rows];
			next.value = found.next;
		} catch (error) {
			if (!signal.aborted) problem.value = (error as Error).message;
		} finally {
			if (!signal.aborted) isReading.value = false;
		}
	}

	return {
		rows,
		next,
		isReading,
		problem,
		read: (filters: Readonly<Record<string, string>>) => read(withFilters(path(), filters, PAGE), []),
		more: () => (next.value ? read(next.value, rows.value) : Promise.resolve()),
	};
}

/** Reads all of a filtered list; `told` hears how many rows there are so far. Ends with an AbortError when it is stopped. */
export async function readWhole<Row>(
	path: string,
	filters: Readonly<Record<string, string>>,
	told: (count: number) => void,
	signal: AbortSignal,
): Promise<Row[]> {
	const rows: Row[] = [];
	let address: string | null = withFilters(path, filters, WHOLE);
	while (address) {
		const found: { rows: readonly Row[]; next: string | null } = await page<Row>(address, signal);
		rows.push(...found.rows);
		told(rows.length);
		address = found.next;
	}
	return rows;
}
