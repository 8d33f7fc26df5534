/** What somebody writes is read by the server a moment after they stop, and nothing is entered by that. */
import { onBeforeUnmount, ref, shallowRef, type Ref, type ShallowRef } from 'vue';
import { post } from '../wire/door';
import { wordsOf as wordsOfError } from '../wire/acting';
import type { Reading } from './licence';

const PAUSE = 500; // milliseconds after the last key

export interface Trying {
	readonly reading: ShallowRef<Reading | null>;
	readonly problem: Ref<string>;
	/** Reads soon what `body` gives by then; null: there is nothing to read. */
	readonly soon: () => void;
}

export function trying(path: () => string, body: () => object | null): Trying {
	const reading = shallowRef<Reading | null>(null);
	const problem = ref('');
	let timer: ReturnType<typeof setTimeout> | undefined;
	let turn = 0;
	async function read(): Promise<void> {
		const mine = ++turn;
		const asked = body();
		problem.value = '';
		if (asked === null) return void (reading.value = null);
		try {
			const found = await post<Reading>(path(), asked);
			if (mine === turn) reading.value = found;
		} catch (error) {
			if (mine === turn) [reading.value, problem.value] = [null, wordsOfError(error as Error)];
		}
	}
	function soon(): void {
		clearTimeout(timer);
		timer = setTimeout(() => void read(), PAUSE);
	}
	onBeforeUnmount(() => clearTimeout(timer));
	return { reading, problem, soon };
}
