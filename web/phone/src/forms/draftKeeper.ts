/**
 * Keeping a draft while it is filled in: at most a moment of what somebody did is ever only in memory.
 *
 * Two things are kept. What is being typed goes down stroke by stroke, a few bytes each. The instance goes down whole
 * when an answer changed, at most once in `PACE`, however fast answers come. "Saved" is told when nothing waits and the
 * disk has confirmed; it is never told of what is under way.
 */
import type { RootNode } from '@getodk/xforms-engine';
import { effect, ref, stop, type ReactiveEffectRunner } from 'vue';
import { draftXml } from './engine';

const PACE = 200; // milliseconds from a change to its write
const AGAIN = 2000; // milliseconds until a write that failed is tried again

/** What one write carries: only what changed since the last one. */
export interface Kept {
	readonly xml?: string;
	/** Texts that are being typed and are no answers yet, by the reference of their question. */
	readonly typed?: Readonly<Record<string, string>>;
	/** With `xml`: the rows that it lacks, of a record that came back. */
	readonly gone?: string[];
}

export type Standing = '' | 'saving' | 'saved' | 'failed';

export class DraftKeeper {
	readonly standing = ref<Standing>('');
	readonly why = ref('');
	private typed = new Map<string, string>();
	private runner: ReactiveEffectRunner<string>;
	private xmlWaits = false;
	private typedWaits = false;
	private timer = 0;
	private line: Promise<void> = Promise.resolve();
	private ended = false;

	/** `write` resolves when what it was given is on the disk. */
	constructor(
		private readonly root: RootNode,
		private readonly write: (kept: Kept) => Promise<void>,
		typed: Readonly<Record<string, string>> = {},
	) {
		for (const [reference, text] of Object.entries(typed)) this.typed.set(reference, text);
		this.runner = this.follow();
	}

	private follow(): ReactiveEffectRunner<string> {
		return effect(() => draftXml(this.root), {
			scheduler: () => {
				this.xmlWaits = true;
				this.wait(PACE);
			},
		});
	}

	/** Notes what stands in a field; null once it has become the answer. */
	typing(reference: string, text: string | null): void {
		if (text === null ? !this.typed.delete(reference) : this.typed.get(reference) === text) return;
		if (text !== null) this.typed.set(reference, text);
		this.typedWaits = true;
		this.wait(PACE);
	}

	/** What is being typed and is no answer yet, by reference. */
	get texts(): ReadonlyMap<string, string> {
		return this.typed;
	}

	unfinished(reference: string): string | undefined {
		return this.typed.get(reference);
	}

	/** Lets go of what was being typed in a row that goes, and gives it; what was in rows behind it moves up with them. */
	rowGoes(row: string): ReadonlyMap<string, string> {
		const gone = new Map([...this.typed].filter(([reference]) => reference.startsWith(`${row}/`)));
		for (const reference of gone.keys()) this.typed.delete(reference);
		this.moveBehind(row, -1);
		return gone;
	}

	/** Makes room for a row that comes back, with what was being typed in it. */
	rowComes(row: string, typed: ReadonlyMap<string, string>): void {
		this.moveBehind(row, 1);
		for (const [reference, text] of typed) this.typed.set(reference, text);
	}

	private moveBehind(row: string, by: number): void {
		const [, repeat, first] = /^(.*)\[(\d+)\]$/.exec(row)!;
		const moved = (reference: string) => {
			const [, place, rest] = (reference.startsWith(`${repeat}[`) && /^\[(\d+)\](.*)$/.exec(reference.slice(repeat!.length))) || [];
			return place !== undefined && Number(place) >= Number(first) ? `${repeat}[${Number(place) + by}]${rest}` : reference;
		};
		this.typed = new Map([...this.typed].map(([reference, text]) => [moved(reference), text]));
		this.typedWaits = true;
		this.wait(PACE);
	}

	/** Writes what waits, now. Resolves when it is on the disk. */
	async flush(): Promise<void> {
		window.clearTimeout(this.timer);
		this.timer = 0;
		this.line = this.line.then(() => this.writeOnce());
		await this.line;
	}

	/** Takes no more changes; what waits is written first. */
	async end(): Promise<void> {
		await this.flush();
		this.ended = true;
		stop(this.runner);
		window.clearTimeout(this.timer);
	}

	/** Goes on where what was to come in its place did not. All is written anew: it may have changed meanwhile. */
	resume(): void {
		if (!this.ended) return;
		this.ended = false;
		this.runner = this.follow();
		this.xmlWaits = this.typedWaits = true;
		this.wait(PACE);
	}

	private wait(pause: number): void {
		if (this.ended) return;
		this.standing.value = 'saving';
		if (this.timer === 0) this.timer = window.setTimeout(() => void this.flush(), pause);
	}

	private async writeOnce(): Promise<void> {
		if (!this.xmlWaits && !this.typedWaits) return;
		const kept: { xml?: string; typed?: Record<string, string> } = {};
		if (this.xmlWaits) kept.xml = this.runner();
		if (this.typedWaits) kept.typed = Object.fromEntries(this.typed);
		this.xmlWaits = false;
		this.typedWaits = false;
		try {
			await this.write(kept);
			this.why.value = '';
			if (!this.xmlWaits && !this.typedWaits) this.standing.value = 'saved';
		} catch (error) {
			this.xmlWaits ||= kept.xml !== undefined;
			this.typedWaits ||= kept.typed !== undefined;
			this.why.value = error instanceof Error ? error.message : String(error);
			this.wait(AGAIN);
			this.standing.value = 'failed';
		}
	}
}
