/**
 * The phone of a form that is tried out at a desk. It stands where `../phone` does (the console's build sees to it):
 * the pages and widgets are the phone's own, and nothing of what is filled in is stored or sent.
 */
import { reactive } from 'vue';
import type { Kept } from '../forms/draftKeeper';
import { csvOf } from '../forms/lists';
import { inventedVisit, TRAINING_TASK } from '../training/invented';
import type { OpenDraft } from '../work/drafts';
import { HeldFiles } from './held';

/** A form to try out: its definition as XForm, and what it is called. */
export interface Trial {
	readonly form: string;
	readonly version: string;
	readonly title: string;
	readonly definition: string;
}

const TRAINEE = { id: '00000000-0000-4000-8000-0000000000d1', name: '试填人' };

class TryingPhone {
	readonly files = Promise.resolve(new HeldFiles());
	readonly objects: readonly never[] = [];
	private trial: Trial | null = null;
	private xml: string | null = null;
	private typed: Readonly<Record<string, string>> = {};

	/** Begins anew with a form. */
	begin(trial: Trial): void {
		[this.trial, this.xml, this.typed] = [trial, null, {}];
	}

	async openDraft(record: string): Promise<OpenDraft> {
		const { form, version, title, definition } = this.trial!;
		const now = new Date().toISOString();
		const head = { record, task: TRAINING_TASK, form, version, definition: '', parents: [], beganAt: now, savedAt: now };
		return {
			row: { ...head, xml: this.xml },
			title,
			definition,
			lists: inventedLists(),
			identity: { deviceID: 'trial', username: TRAINEE.id },
			marks: [],
			reason: null,
			typed: this.typed,
		};
	}

	async takeDraft(): Promise<void> {}

	async holdsDraft(): Promise<boolean> {
		return true;
	}

	async newerForm(): Promise<null> {
		return null;
	}

	async keepDraft(_: string, { xml, typed }: Kept): Promise<void> {
		this.xml = xml ?? this.xml;
		this.typed = typed ?? this.typed;
	}

	async declarations(): Promise<{ readonly entry: undefined }> {
		return { entry: undefined };
	}

	async seal(): Promise<void> {}
}

/** What is known beforehand of the invented visit, as forms look it up. */
function inventedLists(): OpenDraft['lists'] {
	const [, task] = inventedVisit(TRAINEE, [], new Date());
	const { tasks, markers } = (task!.body as { prefill: { tasks: Record<string, string>; markers: Record<string, string>[] } }).prefill;
	return { 'tasks.csv': csvOf([tasks]), 'markers.csv': csvOf(markers) };
}

export const phone = reactive(new TryingPhone()) as TryingPhone;
