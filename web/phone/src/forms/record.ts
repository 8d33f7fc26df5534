/** A record that is open in front of somebody: its form, its draft, and what is done to both. */
import type { RootNode } from '@getodk/xforms-engine';
import { computed, nextTick, ref, shallowRef, watch, type Ref, type ShallowRef } from 'vue';
import { phone, type NewerForm, type OpenDraft } from '../phone';
import { answerEntryCode } from '../gate/entryCode';
import { language, say } from '../texts';
import { openNow } from './ahead';
import { carriedOver, type Carried } from './carrying';
import { DraftKeeper } from './draftKeeper';
import { draftXml, sealedInstance, speak } from './engine';
import type { Passing } from './filling';
import { withoutAnswers, withRow } from './instance';
import { gapAt, gaps, isAsked, nodeAt, type Gap } from './nodes';
import { Correction } from './returned';
import { answer } from './typed';
import { usualOf } from './usual';
import { widgetOf } from './widgets';

/** Something that was just done and can be had back. */
export interface Undo {
	readonly words: string;
	readonly back: () => void | Promise<void>;
}

export class OpenRecord {
	readonly draft: ShallowRef<OpenDraft | undefined> = shallowRef();
	/** The version of the form that is in use now, where the draft was begun with another. */
	readonly newer: ShallowRef<NewerForm | null> = shallowRef(null);
	readonly root: ShallowRef<RootNode | undefined> = shallowRef();
	readonly keeper: ShallowRef<DraftKeeper | undefined> = shallowRef();
	readonly correction: ShallowRef<Correction | null> = shallowRef(null);
	readonly usual: ShallowRef<ReadonlyMap<string, string>> = shallowRef(new Map());
	readonly undo: ShallowRef<Undo | null> = shallowRef(null);
	readonly problem: Ref<string> = ref('');
	/** Whether another draft is about to stand here, or none: what is typed now would be lost. */
	readonly isChanging = ref(false);
	readonly gaps = computed<Gap[]>(() => (this.root.value ? gaps(this.root.value) : []));
	/** What goes on in the questions while all of them are drawn anew; see filling.ts. */
	passing: Passing | null = null;
	private isSealed = false;
	private takingBack: Promise<void> | null = null;

	constructor(private readonly id: string) {
		watch(this.gaps, (found) => this.correction.value?.open(found.map((gap) => gap.reference)));
		watch(language, (code) => this.root.value && speak(this.root.value, code));
	}

	/** Opens the draft as it is kept. What goes wrong is told in `problem`; the draft stays as it is. */
	async open(): Promise<void> {
		await this.anew(async () => {
			await phone.takeDraft(this.id);
			const draft = await phone.openDraft(this.id);
			const { definition, row } = draft;
			const root = await openNow({ ...draft, ...row, definition });
			if (row.xml === null) await answerEntryCode(root, row.task);
			speak(root, language.value);
			this.correction.value = Correction.of(row, draft.marks);
			this.usual.value = row.before === undefined ? usualOf(definition) : new Map();
			this.keeper.value = new DraftKeeper(root, (kept) => phone.keepDraft(this.id, { ...kept, gone: this.correction.value?.rowsGone }), draft.typed);
			this.draft.value = draft;
			await this.lookForNewer();
			this.finishTyping(root, Object.entries(draft.typed));
			this.root.value = root;
			this.problem.value = '';
		});
	}

	/** Does what puts another draft in the place of the one that is open. Where it fails, that one is kept on as it was. */
	private async anew(doing: () => Promise<void>): Promise<void> {
		this.stopTyping();
		try {
			await this.keeper.value?.end();
			await doing();
		} catch (error) {
			this.keeper.value?.resume();
			this.tell(error);
		} finally {
			this.isChanging.value = false;
		}
	}

	/** Leaves the field in which somebody types, so that what stands in it is kept, and lets nobody into another. */
	private stopTyping(): void {
		(document.activeElement as HTMLElement | null)?.blur();
		this.isChanging.value = true;
	}

	/** Resolves when no other draft is about to stand here. */
	settled(): Promise<void> {
		if (!this.isChanging.value) return Promise.resolve();
		return new Promise((done) => watch(this.isChanging, () => done(), { once: true, flush: 'sync' }));
	}

	/** Reads the draft anew where it was opened in another tab since. */
	takeBack(): Promise<void> {
		this.takingBack ??= this.openIfTaken().finally(() => (this.takingBack = null));
		return this.takingBack;
	}

	private async openIfTaken(): Promise<void> {
		if (this.root.value && !this.isSealed && !(await phone.holdsDraft(this.id))) await this.open();
	}

	/** Makes answers of what was being typed, when the phone died or now. What is none yet waits in its field. */
	private finishTyping(root: RootNode, typed: Iterable<readonly [string, string]>): void {
		for (const [reference, text] of typed) {
			const node = nodeAt(root, reference);
			const isText = node && ['text', 'number'].includes(widgetOf(node) ?? '');
			if (isText && answer(node, text)) this.keeper.value!.typing(reference, null);
		}
	}

	/**
	 * What stands in fields and is no answer: a number that is none, an outline that lacks corners. It would be gone with the
	 * draft, and the record would say what stood there before.
	 */
	unfinished(): Gap[] {
		const root = this.root.value!;
		const { texts } = this.keeper.value!;
		this.finishTyping(root, [...texts]);
		const asked = [...texts.keys()].map((reference) => nodeAt(root, reference)).filter((node) => node && isAsked(node));
		return asked.map((node) => gapAt(node, say.value('What stands here is no answer yet')));
	}

	/** Puts another instance in the place of this one: without a file, or with a row that had gone. */
	async replace(xml: string, gone = this.correction.value?.rowsGone): Promise<void> {
		await this.anew(async () => {
			await phone.keepDraft(this.id, { xml, gone });
			await this.open();
		});
	}

	async clearFile(name: string): Promise<void> {
		const passing: Passing = { measurings: new Map(), corners: new Map(), rows: new Map() };
		this.passing = passing;
		try {
			await this.replace(withoutAnswers(draftXml(this.root.value!), { value: name }));
			await nextTick();
		} finally {
			// Also where it failed: whoever leaves then measures no more.
			this.passing = null;
			passing.measurings.forEach((each) => each.end()); // of a question that is not there any more
		}
	}

	/** Lets a row of a repeat go, and remembers it. It comes back into the record as it is then. */
	removeRow(words: string, row: string, remove: () => void): void {
		const xml = draftXml(this.root.value!);
		const gone = this.correction.value?.rowsGone;
		const typed = this.keeper.value!.rowGoes(row);
		this.correction.value?.rowGoes(row);
		remove();
		const back = () => {
			this.keeper.value!.rowComes(row, typed);
			return this.replace(withRow(draftXml(this.root.value!), xml, row), gone);
		};
		this.undo.value = { words, back };
	}

	/** Sees whether another version of the form has come since. */
	async lookForNewer(): Promise<void> {
		const { draft, newer } = this;
		if (draft.value) newer.value = await phone.newerForm(draft.value.row);
	}

	/** Looks what the newer version of the form would make of the draft. */
	async look(): Promise<Carried | null> {
		try {
			await this.keeper.value!.flush();
			return await carriedOver(this.draft.value!, this.newer.value!, this.root.value!, this.keeper.value!.texts, language.value);
		} catch (error) {
			this.tell(error);
			return null;
		}
	}

	async carry(to: Carried): Promise<void> {
		await this.anew(async () => {
			await phone.carryDraft(this.id, to);
			await this.open();
		});
	}

	/** Seals the record. False when it could not be; why is in `problem`, and the draft is still there. */
	async seal(): Promise<boolean> {
		this.stopTyping();
		try {
			await this.keeper.value!.flush();
			const { xml, files } = await sealedInstance(this.root.value!);
			this.isSealed = true;
			await phone.seal(this.id, xml, files);
			return true;
		} catch (error) {
			this.isSealed = false;
			this.tell(error);
			return false;
		} finally {
			this.isChanging.value = false;
		}
	}

	/** Writes what waits; called when the page is hidden or left. */
	async keep(): Promise<void> {
		if (!this.isSealed) await this.keeper.value?.flush();
	}

	/** Writes what waits; whether all that was entered is on the disk then, or sealed. */
	async isKept(): Promise<boolean> {
		(document.activeElement as HTMLElement | null)?.blur();
		await this.keep();
		return this.isSealed || this.keeper.value?.standing.value !== 'failed';
	}

	private tell(error: unknown): void {
		this.problem.value = error instanceof Error ? error.message : String(error);
	}
}
