/** The queue: what waits for a reviewer, soonest deadline first. What was decided leaves it at once, and comes back when that is taken back. */
import { computed, ref, shallowRef } from 'vue';
import { page } from '../wire/door';
import type { RecordLine } from './record';
import { isDeciding } from './takingBack';

const lines = shallowRef<readonly RecordLine[]>([]);
const next = ref<string | null>(null);

export const isLoading = ref(false);
export const problem = ref('');
export const isWhole = computed(() => next.value === null);
export const queue = computed(() => lines.value.filter((each) => !isDeciding(each.id)));

/** Reads the queue anew, as far as it was read before. */
export async function loadQueue(): Promise<void> {
	const wanted = Math.max(lines.value.length, 1);
	await read(async () => {
		let read = await page<RecordLine>('records?waiting=true&limit=200');
		const rows = [...read.rows];
		while (read.next && rows.length < wanted) {
			read = await page<RecordLine>(read.next);
			rows.push(...read.rows);
		}
		lines.value = rows;
		next.value = read.next;
	});
}

export async function loadMore(): Promise<void> {
	const from = next.value;
	if (!from) return;
	await read(async () => {
		const read = await page<RecordLine>(from);
		lines.value = [...lines.value, ...read.rows];
		next.value = read.next;
	});
}

/** The record that comes `by` places behind one in the queue; the nearest there is, undefined in an empty queue. */
export function beside(id: string | undefined, by: number): string | undefined {
	const at = queue.value.findIndex((each) => each.id === id);
	const place = at < 0 ? 0 : Math.min(Math.max(at + by, 0), queue.value.length - 1);
	return queue.value[place]?.id;
}

/** The record to go on with when one leaves the queue; undefined when it was the last. */
export function after(id: string): string | undefined {
	const at = queue.value.findIndex((each) => each.id === id);
	return (queue.value[at + 1] ?? queue.value[at - 1])?.id;
}

async function read(what: () => Promise<void>): Promise<void> {
	isLoading.value = true;
	problem.value = '';
	try {
		await what();
	} catch (error) {
		problem.value = (error as Error).message;
	} finally {
		isLoading.value = false;
	}
}
