/**
 * The phone: one reducer's state, kept on the disk before anything is done about it, and what the pages show of it.
 *
 * Events go through `happen` one at a time. What follows from a state is asked outside, and answers come back in as
 * events; a page never changes the state itself.
 */
import { markRaw, reactive, shallowRef } from 'vue';
import type { Effect } from '../../sync/phoneEffects.ts';
import { kindOf } from '../../sync/phoneEffects.ts';
import type { Event, Page } from '../../sync/phoneEvents.ts';
import { step } from '../../sync/phone.ts';
import { NEW_PHONE, outbox, type PhoneState } from '../../sync/phoneState.ts';
import { BOOT, mono } from './clock';
import { csvOf } from './forms/lists';
import type { Captured } from './forms/filling';
import { openDatabase, fileOf, keepWhole, type Database, type DraftRow, type FileRow } from './keeping/database';
import { deviceId, deviceKey, keyId, publicJwk } from './keeping/device';
import { StateStore } from './keeping/stateStore';
import { sealRevision, type Sealing } from './sealing';
import { ask } from './wire/asking';
import { Door, Refusal, type Session } from './wire/door';
import { upload } from './wire/uploads';
import { objectCards, taskCards, type ObjectCard, type TaskCard } from './views/cards';

export type { TaskCard } from './views/cards';

const AWAKE = 5 * 60_000; // milliseconds between two syncs while the application is open
const ACCOUNT = 'person';

export interface Mark {
	readonly path: string;
	readonly reason: string;
}

/** A draft with all that opening its form takes. */
export interface OpenDraft {
	readonly row: DraftRow;
	readonly title: string;
	readonly definition: string;
	readonly lists: Readonly<Record<string, string>>;
	readonly identity: { readonly deviceID: string; readonly username: string };
	readonly marks: readonly Mark[];
	readonly reason: string | null;
	sealed: boolean;
	mayChange(reference: string): boolean;
}

type Body = Readonly<Record<string, any>>;

/** The reducer's state as it lies on the disk. Beside the object below, because that one is made deeply reactive. */
const held = shallowRef<PhoneState>(NEW_PHONE);

class Phone {
	person: Session['user'] | null = null;
	online = navigator.onLine;
	syncing = false;
	problem = '';
	hasKey = false;
	drafts: readonly DraftRow[] = [];
	/** Bytes sent of each file under way, by SHA-256. */
	sent: Readonly<Record<string, number>> = {};
	readonly opened: Promise<void>;
	private database!: Database;
	private store!: StateStore;
	private door!: Door;
	private session: Session | null = null;
	private key: CryptoKeyPair | null = null;
	private device = '';
	private line: Promise<unknown> = Promise.resolve();
	private readonly uploading = markRaw(new Set<string>());

	constructor() {
		this.opened = Promise.resolve();
	}

	get state(): PhoneState {
		return held.value;
	}

	get tasks(): readonly TaskCard[] {
		return taskCards(this.state, this.drafts, this.sent);
	}

	get objects(): readonly ObjectCard[] {
		return objectCards(this.state);
	}

	/** How many things on this phone the server is not known to have: drafts, operations, files. */
	get unsafe(): number {
		return this.drafts.length + outbox(this.state).length + this.state.mediaWanted.size;
	}

	/** The same, named for people. */
	get waiting(): readonly string[] {
		const tasks = this.tasks.filter((task) => task.badge !== null && task.badge.word !== 'Arrived');
		return tasks.map((task) => task.object);
	}

	task(id: string): TaskCard | undefined {
		return this.tasks.find((task) => task.id === id);
	}

	/** Opens what the person who used this phone last left on it. */
	async open(): Promise<void> {
		this.device = await deviceId();
		const kept = localStorage.getItem(ACCOUNT);
		if (kept !== null) await this.enter(JSON.parse(kept) as Session['user']);
		addEventListener('online', () => ((this.online = true), void this.sync()));
		addEventListener('offline', () => (this.online = false));
		document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && void this.sync());
		setInterval(() => document.visibilityState === 'visible' && void this.sync(), AWAKE);
	}

	private async enter(person: Session['user']): Promise<void> {
		this.database = markRaw(openDatabase(person.id));
		this.store = markRaw(new StateStore(this.database));
		held.value = await this.store.read();
		this.session = ((await this.database.told.get('session'))?.value as Session | undefined) ?? null;
		this.door = markRaw(new Door(this.session, (session) => this.keepSession(session)));
		const key = await deviceKey(person.id);
		this.key = key && markRaw(key);
		this.hasKey = this.key !== null;
		this.drafts = await this.database.drafts.toArray();
		this.person = person;
		void this.sync();
	}

	private async keepSession(session: Session | null): Promise<void> {
		this.session = session;
		if (this.database) await this.database.told.put({ name: 'session', value: session });
	}

	async signIn(username: string, password: string): Promise<void> {
		// The key belongs to the person, and only the server knows who that is: it is asked twice the first time.
		const door = new Door(null, async () => {});
		const known = localStorage.getItem(`id-of-${username}`);
		const device: Record<string, unknown> = { id: this.device, name: deviceName() };
		const person = known ?? (await door.signIn(username, password, device)).user.id;
		const key = await deviceKey(person);
		if (key !== null) device['public_key'] = await publicJwk(key);
		const session = await door.signIn(username, password, device);
		localStorage.setItem(`id-of-${username}`, session.user.id);
		localStorage.setItem(ACCOUNT, JSON.stringify(session.user));
		await openDatabase(session.user.id).told.put({ name: 'session', value: session });
		await this.enter(session.user);
		await this.happen({ type: 'LoggedIn', user: session.user.id, epoch: session.epoch, limits: session.limits ?? null });
		await this.fetchForms();
	}

	/** Signs out. What is on the phone stays, and is there when the same person signs in again. */
	async signOut(): Promise<void> {
		try {
			await this.door.signOut();
		} catch {
			// Without a network the session ends by itself.
		}
		localStorage.removeItem(ACCOUNT);
		this.person = null;
		held.value = NEW_PHONE;
		this.drafts = [];
	}

	/** Syncs now, if there is a network and somebody is signed in. */
	async sync(): Promise<void> {
		if (this.syncing || !this.person || !this.session) return;
		this.syncing = true;
		this.problem = '';
		try {
			await this.happen({ type: 'Woken', now: Date.now() });
			await this.fetchForms();
		} finally {
			this.syncing = false;
		}
	}

	/** Lets one thing happen: the next state is on the disk before anything is asked. */
	async happen(event: Event, beside?: () => Promise<void>): Promise<void> {
		const turn = this.line.then(async () => {
			const [state, effects] = step(this.state, event);
			if (state !== this.state || beside) await this.store.write(state, beside);
			held.value = state;
			return effects;
		});
		this.line = turn.catch(() => undefined);
		for (const effect of await turn) await this.carryOut(effect);
	}

	private async carryOut(effect: Effect): Promise<void> {
		if (effect.type === 'AskMedia') {
			void this.uploadAll(effect.sha256s);
			return;
		}
		if (effect.type === 'DropMedia') {
			await this.dropFiles(effect.sha256s);
			return;
		}
		const failures = this.state.failures.get(kindOf(effect)) ?? 0;
		for (const event of await ask(this.door, effect, this.session?.server_keys ?? [], failures)) {
			if (event.type === 'PageArrived') await this.hearBeacon(event.page);
			if (event.type === 'Refused' && event.status === 401) this.problem = '登录已过期，请重新登录。 Sign in again.';
			await this.happen(event);
		}
	}

	private async hearBeacon(page: Page & { beacon?: string }): Promise<void> {
		if (!page.beacon) return;
		await this.database.told.put({ name: 'beacon', value: { beacon: page.beacon, mono: mono(), boot: BOOT } });
	}

	private async uploadAll(hashes: readonly string[]): Promise<void> {
		for (const sha256 of hashes) {
			if (this.uploading.has(sha256)) continue;
			this.uploading.add(sha256);
			try {
				await this.uploadOne(sha256);
			} catch (error) {
				this.problem = error instanceof Error ? error.message : String(error);
				break;
			} finally {
				this.uploading.delete(sha256);
			}
		}
	}

	private async uploadOne(sha256: string): Promise<void> {
		const row = await this.database.files.where('sha256').equals(sha256).first();
		const file = row && (await fileOf(this.database, row.name));
		if (!row || !file) return;
		const requestEpoch = this.state.epoch;
		await this.door.ask('GET', '/api/v1/me'); // a token that runs out on the way makes tus begin at byte 0
		await upload(this.door, row, file, (sent) => (this.sent = { ...this.sent, [sha256]: sent }));
		await this.happen({ type: 'MediaStored', sha256, requestEpoch });
	}

	private async dropFiles(hashes: readonly string[]): Promise<void> {
		for (const row of await this.database.files.where('sha256').anyOf([...hashes]).toArray()) {
			await this.database.transaction('rw', this.database.files, this.database.pieces, async () => {
				await this.database.pieces.where('[name+number]').between([row.name, 0], [row.name, Infinity]).delete();
				await this.database.files.delete(row.name);
			});
		}
	}

	/** Fetches the definitions that were told of and are not here, so that they are there without a network. */
	private async fetchForms(): Promise<void> {
		for (const [key, form] of this.state.view.entities) {
			const sha256 = key.startsWith('form\0') ? String((form.body as Body)['sha256']) : '';
			if (!sha256 || (await this.database.blobs.get(sha256))) continue;
			try {
				const text = (await this.door.ask('GET', `/api/v1/sync/blobs/${sha256}`)) as string;
				await this.database.blobs.put({ sha256, text });
			} catch (error) {
				if (!(error instanceof Refusal)) return;
			}
		}
	}

	/** Begins a record; the draft is on the disk before its form opens. Raises when the form is not here yet. */
	async begin(task: string, form: string): Promise<string> {
		const body = this.body('form', form);
		if (!body || !(await this.database.blobs.get(body['sha256']))) {
			throw new Error('表单尚未下载到本机，请先同步。 The form has not come to this phone yet.');
		}
		const now = new Date().toISOString();
		const row: DraftRow = {
			record: crypto.randomUUID(),
			task,
			form,
			version: body['version'],
			definition: body['sha256'],
			xml: null,
			parents: [],
			beganAt: now,
			savedAt: now,
		};
		await this.happen({ type: 'Drafted', record: row.record, task }, async () => {
			await this.database.drafts.put(row);
		});
		this.drafts = [...this.drafts, row];
		return row.record;
	}

	/** Begins to correct a record that came back, from the bytes of its head. */
	async correct(record: string): Promise<void> {
		if (this.drafts.some((draft) => draft.record === record)) return;
		const body = this.body('record', record)!;
		const [head] = body['heads'] as string[];
		const revision = JSON.parse((await this.revisionText(head!)) ?? '{}') as Body;
		const form = this.body('form', body['form'])!;
		const now = new Date().toISOString();
		const row: DraftRow = {
			record,
			task: body['task'],
			form: body['form'],
			version: form['version'],
			definition: form['sha256'],
			xml: revision['xml'],
			parents: body['heads'],
			beganAt: now,
			savedAt: now,
		};
		await this.happen({ type: 'Drafted', record, task: row.task }, async () => {
			await this.database.drafts.put(row);
		});
		this.drafts = [...this.drafts, row];
	}

	private async revisionText(rev: string): Promise<string> {
		const own = this.state.ops.find((op) => op.rev === rev && op.kind === 'revision');
		if (own) return new TextDecoder().decode(Uint8Array.from(atob(String(own.item['bytes'])), (each) => each.charCodeAt(0)));
		const text = await this.door.ask('GET', `/api/v1/sync/blobs/${rev.replace('sha256:', '')}`);
		return typeof text === 'string' ? text : JSON.stringify(text);
	}

	async openDraft(record: string): Promise<OpenDraft> {
		const row = (await this.database.drafts.get(record))!;
		const definition = (await this.database.blobs.get(row.definition))?.text;
		if (!definition) throw new Error('表单尚未下载到本机。 The form has not come to this phone yet.');
		const body = this.body('record', record);
		const marks = (body?.['marks'] as Mark[] | undefined) ?? [];
		return {
			row,
			title: this.body('form', row.form)?.['title'] ?? row.form,
			definition,
			lists: this.lists(),
			identity: { deviceID: this.device, username: this.person!.id },
			marks,
			reason: body?.['return_reason'] ?? null,
			sealed: false,
			mayChange: (reference) =>
				marks.length === 0 || marks.some((mark) => reference === mark.path || reference.startsWith(`${mark.path}/`)),
		};
	}

	/** The lists that forms draw on, written from what the tasks on this phone know beforehand. */
	private lists(): Record<string, string> {
		const known = [...this.state.view.entities, ...this.state.view.withdrawn]
			.filter(([key]) => key.startsWith('task\0'))
			.map(([, task]) => (task.body as Body)['prefill'] as { tasks: Record<string, string>; markers: Record<string, string>[] });
		return { 'tasks.csv': csvOf(known.map((each) => each.tasks)), 'markers.csv': csvOf(known.flatMap((each) => each.markers)) };
	}

	async keepDraft(record: string, xml: string): Promise<void> {
		await this.database.drafts.update(record, { xml, savedAt: new Date().toISOString() });
	}

	async filesOf(record: string): Promise<Map<string, File>> {
		const found = new Map<string, File>();
		for (const row of await this.database.files.where('record').equals(record).toArray()) {
			found.set(row.name, (await fileOf(this.database, row.name))!);
		}
		return found;
	}

	fileOf(name: string): Promise<File | undefined> {
		return fileOf(this.database, name);
	}

	/** Keeps a captured file under a name of its own; resolves when it is on the disk. */
	async keepFile(record: string, file: File, told: Captured): Promise<File> {
		const extension = /\.[A-Za-z0-9]{1,8}$/.exec(file.name)?.[0] ?? '';
		const name = `${crypto.randomUUID()}${extension}`;
		const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', await file.arrayBuffer()));
		const sha256 = Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
		const row: FileRow = { name, record, type: file.type, size: file.size, pieces: 0, sha256, told };
		await keepWhole(this.database, row, file);
		return new File([file], name, { type: file.type });
	}

	/** Seals a draft: from now on it is an operation of the outbox, and the draft is gone in the same transaction. */
	async seal(record: string, xml: string, names: ReadonlySet<string>): Promise<void> {
		const row = (await this.database.drafts.get(record))!;
		const files = (await this.database.files.where('record').equals(record).toArray()).filter((file) => names.has(file.name));
		const beacon = (await this.database.told.get('beacon'))?.value as Sealing['beacon'] | undefined;
		const op = await sealRevision({
			row,
			xml,
			files,
			author: this.person!.id,
			device: this.device,
			devSeq: this.state.devSeq + 1,
			lastRev: this.state.lastRev,
			key: this.key,
			keyId: this.key ? await keyId(await publicJwk(this.key)) : null,
			mono: mono(),
			boot: BOOT,
			beacon: beacon ?? null,
		});
		await this.happen({ type: 'Sealed', op }, async () => {
			await this.database.drafts.delete(record);
		});
		this.drafts = this.drafts.filter((draft) => draft.record !== record);
		void this.sync();
	}

	private body(kind: string, id: string): Body | undefined {
		const key = `${kind}\0${id}`;
		return (this.state.view.entities.get(key) ?? this.state.view.withdrawn.get(key))?.body as Body | undefined;
	}
}

function deviceName(): string {
	return /\(([^)]*)\)/.exec(navigator.userAgent)?.[1]?.slice(0, 60) ?? 'browser';
}

export const phone = reactive(new Phone()) as Phone;
(phone as { opened: Promise<void> }).opened = phone.open();
