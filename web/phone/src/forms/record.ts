/** A record that is open in front of somebody: its form, its draft, and what is done to both. */
import type { RootNode } from '@getodk/xforms-engine';
import { computed, ref, shallowRef, watch, type Ref, type ShallowRef } from 'vue';
import { phone, type NewerForm, type OpenDraft } from '../phone';
import { answerEntryCode } from '../gate/entryCode';
import { language } from '../texts';
import { openNow } from './ahead';
import { carriedOver, type Carried } from './carrying';
import { DraftKeeper } from './draftKeeper';
import { instanceXml, sealedInstance, speak } from './engine';
import { withoutAnswers } from './instance';
import { gaps, nodeAt, type Gap } from './nodes';
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
	readonly gaps = computed<Gap[]>(() => (this.root.value ? gaps(this.root.value) : []));
	private isSealed = false;

	constructor(private readonly id: string) {
		watch(this.gaps, (found) => this.correction.value?.open(found.map((gap) => gap.reference)));
		watch(language, (code) => this.root.value && speak(this.root.value, code));
	}

	/** Opens the draft as it is kept. What goes wrong is told in `problem`; the draft stays as it is. */
	async open(): Promise<void> {
		try {
			await this.keeper.value?.end();
			const draft = await phone.openDraft(this.id);
			const { definition, row } = draft;
			const root = await openNow({ ...draft, ...row, definition });
			if (row.xml === null) await answerEntryCode(root, row.task);
			speak(root, language.value);
			this.correction.value = Correction.of(row, draft.marks);
			this.usual.value = row.before === undefined ? usualOf(definition) : new Map();
			this.keeper.value = new DraftKeeper(root, (kept) => phone.keepDraft(this.id, kept), draft.typed);
			this.draft.value = draft;
			await this.lookForNewer();
			this.finishTyping(root, draft.typed);
			this.root.value = root;
		} catch (error) {
			this.tell(error);
		}
	}

	/** Makes answers of what was being typed when the phone died. What is none yet waits in its field. */
	private finishTyping(root: RootNode, typed: Readonly<Record<string, string>>): void {
		for (const [reference, text] of Object.entries(typed)) {
			const node = nodeAt(root, reference);
			const isText = node && ['text', 'number'].includes(widgetOf(node) ?? '');
			if (isText && answer(node, text)) this.keeper.value!.typing(reference, null);
		}
	}

	/** Puts another instance in the place of this one: without a file, or as it was before a row went. */
	async replace(xml: string): Promise<void> {
		try {
			await this.keeper.value!.end();
			await phone.keepDraft(this.id, { xml });
			await this.open();
		} catch (error) {
			this.tell(error);
		}
	}

	async clearFile(name: string): Promise<void> {
		await this.replace(withoutAnswers(instanceXml(this.root.value!), { value: name }));
	}

	/** Lets a row of a repeat go, and remembers the record as it was with it. */
	removeRow(words: string, below: string, remove: () => void): void {
		const xml = instanceXml(this.root.value!);
		this.keeper.value!.forget(below);
		remove();
		this.undo.value = { words, back: () => this.replace(xml) };
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
		await this.keeper.value!.end();
		await phone.carryDraft(this.id, to);
		await this.open();
	}

	/** Seals the record. False when it could not be; why is in `problem`, and the draft is still there. */
	async seal(): Promise<boolean> {
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
		}
	}

	/** Writes what waits; called when the page is hidden or left. */
	async keep(): Promise<void> {
		if (!this.isSealed) await this.keeper.value?.flush();
	}

	private tell(error: unknown): void {
		this.problem.value = error instanceof Error ? error.message : String(error);
	}
}
