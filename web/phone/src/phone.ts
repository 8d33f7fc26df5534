/**
 * The phone as the pages know it: cards to read, and verbs to call.
 *
 * Where the state lives is home/home.ts; what is asked of the server home/syncing.ts; what an inspector does work/.
 */
import { markRaw, reactive } from 'vue';
import { NEW_PHONE, type PhoneState } from '../../sync/phoneState.ts';
import type { Kept } from './forms/draftKeeper';
import { Home, type Body, type Person } from './home/home';
import { lastPerson, passing, signIn, signOut, whenSignedOutElsewhere } from './home/session';
import { Syncing } from './home/syncing';
import type { DraftHead, DraftRow } from './keeping/database';
import type { Files } from './keeping/files';
import { deviceId } from './keeping/device';
import type { Maps } from './maps/packs';
import { taskCards, type TaskCard } from './views/cards';
import { objectCards, type ObjectCard } from './views/objects';
import { unsafeOf, type Unsafe } from './work/arrival';
import { beginCorrection } from './work/correcting';
import * as declarations from './work/declarations';
import type { Declarations, EntryCode, Recusal } from './work/declarations';
import * as drafts from './work/drafts';
import { entriesOf } from './work/lists';
import { readRecord, type ReadRecord } from './work/reading';
import type { Circumstances } from './work/reasons';
import { forgetTraining, heedForms, openTraining } from './training/training';
import { Door } from './wire/door';
import { pack, unpack, type Brought, type Progress } from './work/carrying';
import * as complaints from './work/complaints';
import { cosign, cosignable } from './work/cosigning';
import { keptPicture } from './work/mergePictures';
import { proposalOf, resolve, type Choices } from './work/merging';
import type { Proposal } from './work/proposal';
import { sealDraft } from './work/seal';

export type { TaskCard } from './views/cards';
export type { Mark, NewerForm, OpenDraft } from './work/drafts';

const NOTHING = { sent: {}, missing: [], held: false, heard: {}, clockOffset: null };

class Phone {
	online = navigator.onLine;
	opened: Promise<void> = Promise.resolve();
	private home: Home | null = null;
	private syncer: Syncing | null = null;
	private device = '';
	/** The real space while the training one is shown; it goes on sending. */
	private aside: { readonly home: Home; readonly syncer: Syncing; readonly stop: () => void } | null = null;

	get person(): Person | null {
		return this.home?.person ?? null;
	}

	get hasKey(): boolean {
		return this.home?.key != null;
	}

	get syncing(): boolean {
		return this.syncer?.progress.syncing ?? false;
	}

	get problem(): string {
		return this.syncer?.progress.problem ?? '';
	}

	/** What there is to know of sending beside the state. */
	get circumstances(): Circumstances {
		const { sent, missing, held, heard, clockOffset } = this.syncer?.progress ?? NOTHING;
		return { online: this.online, sent, missing, held, heard, clockOffset, now: Date.now() };
	}

	get state(): PhoneState {
		return this.home?.state.value ?? NEW_PHONE;
	}

	get drafts(): readonly DraftHead[] {
		return this.home?.drafts.value ?? [];
	}

	get tasks(): readonly TaskCard[] {
		return taskCards(this.state, this.drafts, this.syncer?.progress ?? NOTHING);
	}

	get objects(): readonly ObjectCard[] {
		return objectCards(this.state);
	}

	/** How many things on this phone the server is not known to have: drafts, operations, files. */
	get unsafe(): number {
		const { drafts, records, files } = this.unsafeWork;
		return drafts + records + files + this.unsentComplaints.length;
	}

	/** What was written to the bureau and has not arrived. */
	get unsentComplaints(): readonly complaints.Written[] {
		return this.home?.complaints.value ?? [];
	}

	get unsafeWork(): Unsafe {
		return unsafeOf(this.state, this.drafts);
	}

	task(id: string): TaskCard | undefined {
		return this.tasks.find((task) => task.id === id);
	}

	/** Opens what the person who used this phone last left on it. */
	async open(): Promise<void> {
		addEventListener('online', () => (this.online = true));
		addEventListener('offline', () => (this.online = false));
		whenSignedOutElsewhere(() => location.reload()); // nothing that was open stays in sight, or in memory
		this.device = await deviceId();
		const person = lastPerson();
		if (person === null) return;
		await this.enter(person);
		this.syncer!.begin();
	}

	private async enter(person: Person): Promise<void> {
		this.leave();
		this.home = await Home.open(person, this.device);
		this.syncer = markRaw(new Syncing(this.home));
	}

	async signIn(username: string, password: string): Promise<void> {
		const session = await signIn(this.device, username, password);
		await this.enter(session.user);
		const { user, epoch, limits } = session;
		await this.home!.happen({ type: 'LoggedIn', user: user.id, epoch, limits: limits ?? null });
		this.syncer!.begin();
	}

	/** Signs out. What is on the phone stays, and is there when the same person signs in again. */
	async signOut(): Promise<void> {
		this.endTraining();
		this.syncer?.end();
		if (this.syncer) await signOut(this.syncer.door);
		this.leave();
	}

	get isTraining(): boolean {
		return this.aside !== null;
	}

	/** Shows the training space. Nothing in it has a way to the server. */
	async train(): Promise<void> {
		if (this.aside || !this.home || !this.syncer) return;
		const { home, syncer } = this;
		const training = await openTraining(home);
		const stop = heedForms(home, training, () => syncer.progress.syncing);
		Object.assign(this, { aside: markRaw({ home, syncer, stop }), home: training, syncer: null });
	}

	/** Goes back to the real space; what was done in training stays where it is. */
	endTraining(): void {
		if (!this.aside) return;
		const { home, syncer, stop } = this.aside;
		stop();
		this.home?.close();
		Object.assign(this, { home, syncer, aside: null });
	}

	/** Begins training anew, from nothing. */
	async resetTraining(): Promise<void> {
		const training = this.home;
		if (!this.aside || !training) return;
		this.endTraining();
		await forgetTraining(training);
		await this.train();
	}

	private get door(): Door {
		return this.syncer?.door ?? new Door(passing());
	}

	private leave(): void {
		this.endTraining();
		this.syncer?.end();
		this.home?.close();
		this.home = null;
		this.syncer = null;
	}

	/** Syncs now, if there is a network and somebody is signed in. */
	async sync(): Promise<void> {
		await this.syncer?.syncNow();
	}

	/** Lets go of records that are safe to delete; anything else stays whole. */
	async release(records: readonly string[]): Promise<void> {
		for (const name of records) await this.home!.happen({ type: 'Pruned', name, now: Date.now() });
	}

	begin(task: string, form: string): Promise<string> {
		return drafts.beginRecord(this.home!, task, form);
	}

	correct(record: string): Promise<void> {
		return beginCorrection(this.home!, this.door, record);
	}

	/** What the inspectors declared before a task's inspection. */
	declarations(task: string): Promise<Declarations> {
		return declarations.declarationsOf(this.home!, task);
	}

	declareRecusal(task: string, person: { id: string; name: string }, answer: Recusal['answer']): Promise<Declarations> {
		return declarations.declareRecusal(this.home!, task, person, answer);
	}

	noteOverride(task: string, missing: readonly string[], reason: string): Promise<Declarations> {
		return declarations.noteOverride(this.home!, task, missing, reason);
	}

	noteEntry(task: string, code: string, how: EntryCode['how']): Promise<Declarations> {
		return declarations.noteEntry(this.home!, task, code, how);
	}

	/** Which maps the bureau has for this phone. Asks the server. */
	async maps(): Promise<Maps> {
		return (await this.syncer!.door.ask('GET', '/api/v1/maps')) as Maps;
	}

	/** A token that is good now, for a worker that fetches by itself. */
	async token(): Promise<string> {
		await this.syncer!.door.ask('GET', '/api/v1/me');
		return (await this.syncer!.door.session())!.token;
	}

	/** The entries of a reference list. */
	list(name: string): Promise<readonly Body[]> {
		return entriesOf(this.home!, name);
	}

	/** A record to read as a document. */
	readRecord(record: string): Promise<ReadRecord> {
		return readRecord(this.home!, this.door, record);
	}

	/** What opening a form takes that no record is begun with yet; null where it has not come. */
	blankForm(task: string, form: string): ReturnType<typeof drafts.blankForm> {
		return drafts.blankForm(this.home!, task, form);
	}

	openDraft(record: string): Promise<drafts.OpenDraft> {
		return drafts.openDraft(this.home!, record);
	}

	/** Takes a draft for this tab, which alone writes it then. */
	takeDraft(record: string): Promise<void> {
		return drafts.takeDraft(this.home!, record);
	}

	holdsDraft(record: string): Promise<boolean> {
		return drafts.holdsDraft(this.home!, record);
	}

	/** The version of a draft's form that is in use now, where it was begun with another. */
	newerForm(draft: DraftRow): Promise<drafts.NewerForm | null> {
		return drafts.newerForm(this.home!, draft);
	}

	keepDraft(record: string, kept: Kept): Promise<void> {
		return drafts.keepDraft(this.home!, record, kept);
	}

	carryDraft(record: string, to: drafts.Carried): Promise<void> {
		return drafts.carryDraft(this.home!, record, to);
	}

	/** What was captured on this phone. */
	get files(): Promise<Files> {
		return this.home!.files;
	}

	/** What there is to bring together of a record that two phones changed; null while it is not on this phone. */
	proposal(record: string): Promise<Proposal | null> {
		return proposalOf(this.home!, this.syncer!.door, record);
	}

	/** Makes a draft of what was chosen; see work/merging.ts. */
	resolve(record: string, choices: Choices): Promise<void> {
		return resolve(this.home!, this.syncer!.door, record, choices);
	}

	/** A picture for showing, from this phone or from the server; null where neither gives it. */
	async pictureOf(sha256: string): Promise<Blob | null> {
		const kept = await (await this.files).bySha256(sha256);
		if (kept) return kept.blob();
		const fetched = await keptPicture(this.home!, sha256);
		if (fetched) return fetched;
		return (await this.syncer?.door.picture(`/api/v1/media/${sha256}`).catch(() => null)) ?? null;
	}

	/** Packs all that has not arrived into a file; see work/carrying.ts. */
	pack(passphrase: string, told: Progress): Promise<Blob> {
		return pack(this.home!, passphrase, told);
	}

	/** Takes what was packed on another phone, and sends it. Not in training: from there nothing goes anywhere. */
	async unpack(file: Blob, passphrase: string, told: Progress): Promise<Brought> {
		if (this.isTraining) throw new Error('培训模式下不能导入，请先退出培训。 Leave training first.');
		const brought = await unpack(this.home!, file, passphrase, told);
		void this.sync();
		return brought;
	}

	/** What the server has of what this person wrote to the bureau; asked anew where there is a line. */
	async knownComplaints(): Promise<readonly complaints.Complaint[]> {
		if (this.online && this.syncer) await complaints.fetchKnown(this.home!, this.syncer.door).catch(() => undefined);
		return complaints.knownOf(this.home!);
	}

	typedComplaint(): Promise<string> {
		return complaints.typedOf(this.home!);
	}

	keepTypedComplaint(text: string): Promise<void> {
		return complaints.keepTyped(this.home!, text);
	}

	/** Keeps a complaint or suggestion, and sends it as soon as it can be. */
	async complain(kind: complaints.Kind, text: string): Promise<void> {
		await complaints.write(this.home!, kind, text);
		void this.sync();
	}

	takeBackComplaint(id: string): Promise<void> {
		return complaints.takeBack(this.home!, id);
	}

	/** The version of a colleague's record that may be co-signed now. */
	cosignable(record: string): string | null {
		return this.home && cosignable(this.home, record);
	}

	async cosign(record: string, rev: string): Promise<void> {
		await cosign(this.home!, record, rev);
		void this.sync();
	}

	/** Seals a draft, and sends it as soon as it can be. */
	async seal(record: string, xml: string, names: ReadonlySet<string>): Promise<void> {
		await sealDraft(this.home!, record, xml, names);
		void this.sync();
	}
}

export const phone = reactive(new Phone()) as Phone;
phone.opened = phone.open();
