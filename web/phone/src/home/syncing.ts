/** Carries out what the reducer asks for, one tab at a time, and wakes it when there is a reason to. */
import { reactive } from 'vue';
import { backOff } from '../../../sync/phone.ts';
import { kindOf, type Effect } from '../../../sync/phoneEffects.ts';
import type { Event, Page } from '../../../sync/phoneEvents.ts';
import { BOOT, mono } from '../clock';
import { ask } from '../wire/asking';
import { Door, Refusal } from '../wire/door';
import type { Body, Home } from './home';
import { Sending } from './sending';
import { sessionsOf } from './session';
import { alone, type News } from './tabs';

const AWAKE = 5 * 60_000; // milliseconds between two syncs while the application is open
const SIGN_IN_AGAIN = '登录已过期，请重新登录。 Sign in again.';

/** What of syncing the pages show. */
export interface Progress {
	syncing: boolean;
	problem: string;
	/** Bytes sent of each file under way, by SHA-256. */
	sent: Readonly<Record<string, number>>;
}

export class Syncing {
	readonly progress = reactive<Progress>({ syncing: false, problem: '', sent: {} });
	readonly door: Door;
	private readonly sending: Sending;
	private readonly ends = new AbortController();
	private again = false;

	constructor(private readonly home: Home) {
		this.door = new Door(sessionsOf(home.database));
		this.sending = new Sending(home, this.door, (sha256, sent) => this.tellSent(sha256, sent), (error) => this.rest(error));
		home.follow = (effects) => this.follow(effects);
		home.heard = (news) => this.hear(news);
	}

	/** Begins to sync on its own: now, when the network or the person comes back, and every few minutes. */
	begin(): void {
		const { signal } = this.ends;
		const whenSeen = () => document.visibilityState === 'visible' && void this.sync();
		addEventListener('online', () => void this.sync(), { signal });
		document.addEventListener('visibilitychange', whenSeen, { signal });
		const timer = setInterval(whenSeen, AWAKE);
		signal.addEventListener('abort', () => clearInterval(timer));
		void this.sync();
	}

	end(): void {
		this.ends.abort();
	}

	/** Syncs now; when that is under way already, once more after it. */
	async sync(): Promise<void> {
		if (this.ends.signal.aborted) return;
		if (this.progress.syncing) {
			this.again = true;
			return;
		}
		this.progress.syncing = true;
		this.progress.problem = '';
		try {
			do {
				this.again = false;
				await alone(`${this.home.database.name}-sync`, () => this.syncOnce());
			} while (this.again);
		} catch (error) {
			this.progress.problem = error instanceof Error ? error.message : String(error);
		} finally {
			this.progress.syncing = false;
		}
	}

	private async syncOnce(): Promise<void> {
		if ((await this.door.session()) === null) return;
		await this.home.happen({ type: 'Woken', now: Date.now() });
		await this.fetchForms();
	}

	private async follow(effects: readonly Effect[]): Promise<void> {
		await Promise.all(effects.map((effect) => this.carryOut(effect)));
	}

	private async carryOut(effect: Effect): Promise<void> {
		if (effect.type === 'AskMedia') {
			void this.sending.send();
			return;
		}
		if (effect.type === 'DropMedia') {
			await (await this.home.files).drop(effect.sha256s);
			return;
		}
		const failures = this.home.state.value.failures.get(kindOf(effect)) ?? 0;
		const keys = (await this.door.session())?.server_keys ?? [];
		for (const event of await ask(this.door, effect, keys, failures)) await this.take(event);
	}

	private async take(event: Event): Promise<void> {
		if (event.type === 'PageArrived') await this.hearBeacon(event.page);
		if (event.type === 'Refused' && event.status === 401) this.progress.problem = SIGN_IN_AGAIN;
		await this.home.happen(event);
	}

	private async hearBeacon(page: Page & { beacon?: string }): Promise<void> {
		if (!page.beacon) return;
		await this.home.database.told.put({ name: 'beacon', value: { beacon: page.beacon, mono: mono(), boot: BOOT } });
	}

	private tellSent(sha256: string, sent: number): void {
		this.progress.sent = { ...this.progress.sent, [sha256]: sent };
		this.home.tabs.tell({ what: 'sent', sent: { ...this.progress.sent } });
	}

	private hear(news: News): void {
		if (news.what === 'sent') this.progress.sent = news.sent;
	}

	/** Lets files rest after one of them could not be sent. */
	private async rest(error: unknown): Promise<void> {
		this.progress.problem = error instanceof Error ? error.message : String(error);
		const failures = this.home.state.value.failures.get('media') ?? 0;
		const retryAfter = error instanceof Refusal ? error.retryAfter : 0;
		const until = Date.now() + backOff(failures + 1, Math.random(), retryAfter);
		await this.home.happen({ type: 'Throttled', what: 'media', until });
	}

	/** Fetches the definitions that were told of and are not here, so that they are there without a network. */
	private async fetchForms(): Promise<void> {
		const { blobs } = this.home.database;
		for (const [key, form] of this.home.state.value.view.entities) {
			const sha256 = key.startsWith('form\0') ? String((form.body as Body)['sha256']) : '';
			if (!sha256 || (await blobs.get(sha256))) continue;
			try {
				const text = (await this.door.ask('GET', `/api/v1/sync/blobs/${sha256}`)) as string;
				await blobs.put({ sha256, text });
			} catch (error) {
				if (!(error instanceof Refusal)) return;
			}
		}
	}
}
