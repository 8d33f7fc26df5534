/**
 * Where the reducer lives: one person's state on this phone, on the disk before anything is done about it.
 *
 * Events go through `happen` one at a time. What follows from a state is asked outside, and answers come back in as
 * events; nobody changes the state otherwise. Every tab has a home of its own over the same disk: what another tab
 * wrote in between is read first, and the event happens to that.
 */
import { markRaw, shallowRef } from 'vue';
import type { Effect } from '../../../sync/phoneEffects.ts';
import type { Event } from '../../../sync/phoneEvents.ts';
import { step } from '../../../sync/phone.ts';
import { NEW_PHONE, type PhoneState } from '../../../sync/phoneState.ts';
import { openDatabase, type Database, type DraftHead } from '../keeping/database';
import { openPhrases } from '../forms/phrases';
import { deviceKey } from '../keeping/device';
import { Files } from '../keeping/files';
import { asFull } from '../keeping/places';
import { Overtaken, StateStore } from '../keeping/stateStore';
import { tidy } from '../keeping/tidying';
import { sealOlder } from '../keeping/older';
import { holdLease } from '../keeping/lease';
import { enterVault, open, seal } from '../keeping/vault';
import { waitingOf, type Written } from '../work/complaints';
import { Tabs, type News } from './tabs';

export interface Person {
	readonly id: string;
	readonly name: string;
	readonly username: string;
}

export type Body = Readonly<Record<string, any>>;

export class Home {
	readonly state = shallowRef<PhoneState>(NEW_PHONE);
	readonly drafts = shallowRef<readonly DraftHead[]>([]);
	/** What was written to the bureau and has not arrived; see work/complaints.ts. */
	readonly complaints = shallowRef<readonly Written[]>([]);
	/** Carries out what follows from an event. */
	follow: (effects: readonly Effect[]) => Promise<void> = async () => {};
	/** Hears what other tabs tell that is not about the state. */
	heard: (news: News) => void = () => {};
	readonly tabs: Tabs;
	/** What was captured on this phone. */
	readonly files: Promise<Files>;
	private readonly store: StateStore;
	private line: Promise<unknown> = Promise.resolve();

	private constructor(
		readonly person: Person,
		/** The id of this phone. */
		readonly device: string,
		readonly key: CryptoKeyPair | null,
		readonly database: Database,
	) {
		this.store = new StateStore(database);
		this.tabs = new Tabs(database.name, (news) => this.hear(news));
		this.files = Files.open(database, { seal, open });
	}

	/** Opens what a person left on this phone, once the PIN was given. */
	static async open(person: Person, device: string): Promise<Home> {
		await enterVault(person.id);
		const home = new Home(person, device, await deviceKey(person.id), openDatabase(person.id));
		await sealOlder(home.database);
		await home.refresh();
		await holdLease(home.database);
		await home.readDrafts();
		home.complaints.value = await waitingOf(home);
		await openPhrases(home.database);
		void home.files.then((files) => tidy(files, () => home.state.value));
		return markRaw(home);
	}

	/** Opens the training space of a person: over a disk of its own, and without a key to sign with. */
	static async openTraining(person: Person, device: string): Promise<Home> {
		const home = new Home(person, device, null, openDatabase(`training-${person.id}`));
		await home.refresh();
		await home.readDrafts();
		return markRaw(home);
	}

	close(): void {
		this.tabs.close();
		void this.files.then((files) => files.end());
		this.database.close();
	}

	/** Reads what other tabs wrote. */
	async refresh(): Promise<void> {
		this.state.value = await this.store.read(this.state.value);
	}

	async readDrafts(): Promise<void> {
		this.drafts.value = await this.database.drafts.toArray();
	}

	/** Reads the drafts anew here and in the other tabs. */
	async draftsChanged(): Promise<void> {
		await this.readDrafts();
		this.tabs.tell({ what: 'drafts' });
	}

	/** Reads what was written to the bureau anew, here and in the other tabs. */
	async complaintsChanged(): Promise<void> {
		this.complaints.value = await waitingOf(this);
		this.tabs.tell({ what: 'complaints' });
	}

	/**
	 * Lets one thing happen: the next state is on the disk before anything is asked. `beside` is written in the same
	 * transaction. Resolves when what follows from it was carried out.
	 */
	async happen(event: Event, beside?: () => Promise<void>): Promise<void> {
		const turn = this.line.then(() => this.take(event, beside));
		this.line = turn.catch(() => undefined);
		await this.follow(await turn);
	}

	private async take(event: Event, beside?: () => Promise<void>): Promise<readonly Effect[]> {
		for (;;) {
			const [state, effects] = step(this.state.value, event);
			if (state === this.state.value && !beside) return effects;
			try {
				await this.write(() => this.store.write(state, beside));
			} catch (error) {
				if (!(error instanceof Overtaken)) throw error;
				await this.refresh();
				continue;
			}
			this.state.value = state;
			this.tabs.tell({ what: 'changed' });
			return effects;
		}
	}

	/** Writes what is no recording; where one filled the phone, what was held in reserve makes room. */
	write<T>(writing: () => Promise<T>): Promise<T> {
		return writing().catch(async (error: unknown) => {
			if (asFull(error) === null) throw error;
			return (await this.files).withRoom(writing);
		});
	}

	private hear(news: News): void {
		if (news.what === 'changed') this.line = this.line.then(() => this.refresh()).catch(() => undefined);
		else if (news.what === 'drafts') void this.readDrafts();
		else if (news.what === 'complaints') void waitingOf(this).then((waiting) => (this.complaints.value = waiting));
		else this.heard(news);
	}

	/** What was last told of an entity, also of one that was withdrawn while there is work on it. */
	body(kind: string, id: string): Body | undefined {
		const key = `${kind}\0${id}`;
		const { entities, withdrawn } = this.state.value.view;
		return (entities.get(key) ?? withdrawn.get(key))?.body as Body | undefined;
	}
}
