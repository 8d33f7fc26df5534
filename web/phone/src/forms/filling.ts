/** What the widgets of a form need to know of the record they belong to. */
import { inject, provide, type InjectionKey, type Ref } from 'vue';

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

/** How a file came to be. */
export interface Captured {
	readonly source: 'camera' | 'gallery';
	readonly capturedAt: string;
	readonly mono: number;
	readonly boot: string;
	readonly position: Fix | null;
	/** The strokes of a signature, as drawn. */
	readonly strokes?: unknown;
}

/** One reading of the receiver: WGS 84 as it gave it, never shifted. */
export interface Fix {
	readonly latitude: number;
	readonly longitude: number;
	readonly accuracy: number;
	readonly altitude: number | null;
	readonly at: string;
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
