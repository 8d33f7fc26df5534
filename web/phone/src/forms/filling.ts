/** What the widgets of a form need to know of the record they belong to. */
import { inject, provide, type InjectionKey, type Ref } from 'vue';
import type { Captured } from '../capture/captured';

export type { Captured, Fix } from '../capture/captured';

export interface Filling {
	/** Whether gaps are pointed out that nobody has come to yet. */
	readonly showsGaps: Ref<boolean>;
	/** The reviewer's reason at a path, when the record came back. */
	markOf(reference: string): string | undefined;
	/** Whether an answer may be changed: all in a new record, only marked ones in a returned one. */
	mayChange(reference: string): boolean;
	/** Keeps a file for good before its name goes into the instance. Resolves when it is stored. */
	keepFile(file: File, told: Captured): Promise<File>;
	/** A kept file by its name. */
	fileOf(name: string): Promise<File | undefined>;
	/** Clears a file's answer, also a restored one. */
	clearFile(name: string): Promise<void>;
}

const KEY: InjectionKey<Filling> = Symbol('filling');

export function provideFilling(filling: Filling): void {
	provide(KEY, filling);
}

export function filling(): Filling {
	const found = inject(KEY);
	if (found === undefined) {
		throw new Error('a widget of a form stands outside of one');
	}
	return found;
}
