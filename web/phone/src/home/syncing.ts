/** Carries out what the reducer asks for, one tab at a time, and wakes it when there is a reason to. */
import { reactive } from 'vue';
import { backOff } from '../../../sync/phone.ts';
import { kindOf, type Effect } from '../../../sync/phoneEffects.ts';
import type { Event, Page } from '../../../sync/phoneEvents.ts';
import { BOOT, mono } from '../clock';
import { ask } from '../wire/asking';
import { countLease, renewLease } from '../keeping/lease';
import { Unreadable } from '../keeping/keptFile';
import { forgetKey } from '../keeping/locking';
import { Door, Refusal } from '../wire/door';
import type { Heard } from '../work/reasons';
import { keepTitles } from '../forms/titles';
import { fetchForms } from './forms';
import type { Home } from './home';
import { whenNetworkChanges } from './metered';
import { listen } from './nudges';
import { Sending } from './sending';
import { sessionsOf } from './session';
import { Standing } from './standing';
import { alone, type News } from './tabs';
import { sendComplaints } from '../work/complaints';
import { fetchReturned } from '../work/correcting';
import { fetchMerges } from '../work/merging';

const AWAKE = 5 * 60_000; // milliseconds between two syncs while the application is open
const SOON = 50; // milliseconds after a rest
const BLOCKS = [401, 403, 426];

const BLOCKED = 'device.blocked';
/** Where an older server does not say. */
const LEASE_HOURS = 72;

/** What of syncing the pages show, beside the reducer's state. */
export interface Progress {
	syncing: boolean;
	problem: string;
	/** Bytes sent of each file under way, by SHA-256. */
	sent: Readonly<Record<string, number>>;
	missing: readonly string[];
	held: boolean;
	heard: Readonly<Record<string, Heard>>;
	clockOffset: number | null;
}

export class Syncing {
	readonly progress = reactive<Progress>({
		syncing: false,
		problem: '',
		sent: {},
		missing: [],
		held: false,
		heard: {},
		clockOffset: null,
	});
	readonly door: Door;
	private readonly sending: Sending;
	private readonly standing: Standing;
	private readonly ends = new AbortController();
	private again = false;
	/** When the last sync began. */
	private begun = 0;
	private rests = 0;

	constructor(private readonly home: Home) {
		// Rests outlive the page, and so does what was heard before them: a rest for want of an answer ends as it would have.
		this.progress.heard = JSON.parse(globalThis.localStorage?.getItem(this.heardName) ?? '{}') as Progress['heard'];
		this.door = new Door(sessionsOf(home.database, home.key));
		this.standing = new Standing(home, this.door);
		this.sending = new Sending(home, this.door, {
			sent: (sha256, bytes) => this.tellSent(sha256, bytes),
			missing: (hashes) => (this.progress.missing = hashes),
			held: (isHeld) => (this.progress.held = isHeld),
			refused: (sha256, refusal) => this.hearRefusal(sha256, refusal),
		});
		home.follow = (effects) => this.follow(effects);
		home.heard = (news) => this.hear(news);
	}

	/** Begins to sync on its own: now, when the network or the person comes back, at nudges, and every few minutes. */
	begin(): void {
		const { signal } = this.ends;
		const whenSeen = () => document.visibilityState === 'visible' && void this.sync();
		addEventListener('online', () => void this.syncNow(), { signal });
		addEventListener('pageshow', whenSeen, { signal });
		document.addEventListener('visibilitychange', whenSeen, { signal });
		whenNetworkChanges(() => void this.sync(), signal);
		const timer = setInterval(whenSeen, AWAKE);
		signal.addEventListener('abort', () => clearInterval(timer));
		countLease(this.home.database, signal);
		listen(this.home.database.name, this.door, () => void this.sync(), signal);
		void this.sync();
	}

	end(): void {
		this.ends.abort();
		clearTimeout(this.rests);
	}

	/** Syncs because somebody asks for it or the network is back: what rests for want of an answer rests no longer. */
	async syncNow(): Promise<void> {
		for (const what of this.home.state.value.waits.keys()) {
			const isSilence = this.progress.heard[what]?.status === 0; // a rest that the server asked for is kept
			if (isSilence) await this.home.happen({ type: 'Throttled', what, until: Date.now() });
		}
		await this.sync();
	}

	/** Syncs now, but for what rests; when that is under way already, once more after it. */
	async sync(): Promise<void> {
		if (this.ends.signal.aborted) return;
		if (this.progress.syncing) {
			this.again = true;
			return;
		}
		this.progress.syncing = true;
		this.begun = Date.now();
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
			this.wakeAfterRest();
		}
	}

	private async syncOnce(): Promise<void> {
		if ((await this.door.session()) === null) return;
		keepTitles(this.home.state.value); // before a pull may drop a form
		await this.home.happen({ type: 'Woken', now: Date.now() });
		keepTitles(this.home.state.value);
		// One tab syncs at a time, and all that it asked is answered by now. What still counts as in flight was asked by a
		// page that was closed meanwhile: nobody hears the answer, and it is asked anew.
		if (this.home.state.value.asked.size > 0) await this.home.happen({ type: 'Woken', now: null });
		await fetchForms(this.home, this.door);
		await fetchReturned(this.home, this.door);
		await fetchMerges(this.home, this.door);
		if (!this.home.state.value.waits.has('pull')) await sendComplaints(this.home, this.door);
		// Nothing hangs on it, and nothing waits for it.
		if (!this.home.state.value.waits.has('pull')) void this.standing.say().catch(() => undefined);
	}

	/** Syncs again when the first rest is over; without a network, when that comes back. */
	private wakeAfterRest(): void {
		clearTimeout(this.rests);
		const first = Math.min(...this.home.state.value.waits.values());
		// A rest that was over before the last sync and still stands: that did not come to it (signed out in another tab,
		// the vault is shut), and would not now.
		if (first === Infinity || first < this.begun || this.ends.signal.aborted || !navigator.onLine) return;
		this.rests = window.setTimeout(() => void this.sync(), Math.max(0, first - Date.now()) + SOON);
	}

	private async follow(effects: readonly Effect[]): Promise<void> {
		await Promise.all(effects.map((effect) => this.carryOut(effect)));
	}

	/** Asks how the server holds what is wanted and not here: an older copy of the storage wants what was sent since. */
	private async askForMissing(wanted: readonly string[]): Promise<void> {
		const rows = await this.home.database.files.where('sha256').anyOf([...wanted]).toArray();
		const here = new Set(rows.map((row) => row.sha256));
		const sha256s = wanted.filter((sha256) => !here.has(sha256));
		const { epoch, waits } = this.home.state.value;
		if (sha256s.length === 0 || epoch === null || waits.has('media_status')) return;
		await this.carryOut({ type: 'AskMediaStatus', epoch, sha256s });
	}

	private async carryOut(effect: Effect): Promise<void> {
		if (effect.type === 'AskMedia') {
			this.sendFiles();
			await this.askForMissing(effect.sha256s);
			return;
		}
		if (effect.type === 'DropMedia') {
			await (await this.home.files).drop(effect.sha256s);
			return;
		}
		const kind = kindOf(effect);
		const failures = this.home.state.value.failures.get(kind) ?? 0;
		const keys = (await this.door.session())?.server_keys ?? [];
		const events = await ask(this.door, effect, keys, failures, (error) => this.hearRefusal(kind, error));
		for (const event of events) await this.take(event);
		if (events.some((event) => event.type === 'MediaAbsent')) this.sendFiles(); // now, not with the next sync
	}

	/** Sends files, which take as long as they take: nothing waits for them. It may be signed out meanwhile. */
	private sendFiles(): void {
		void this.sending.send().catch((error: unknown) => this.rest(error)).catch(() => undefined);
	}

	private async take(event: Event): Promise<void> {
		if (event.type === 'PageArrived') await this.hearPage(event.page);
		await this.home.happen(event);
		if (event.type === 'Refused' && this.progress.heard[event.what]?.code === BLOCKED) await forgetKey();
	}

	private async hearPage(page: Page): Promise<void> {
		const hours = (await this.door.session())?.limits?.['lease_hours'] ?? LEASE_HOURS;
		await renewLease(this.home.database, hours);
		if (page.server_time) this.progress.clockOffset = Date.parse(page.server_time) - Date.now();
		if (!page.beacon) return;
		await this.home.database.told.put({ name: 'beacon', value: { beacon: page.beacon, mono: mono(), boot: BOOT } });
	}

	private get heardName(): string {
		return `heard-${this.home.database.name}`;
	}

	private hearRefusal(what: string, error: unknown): void {
		const told =
			error instanceof Refusal
				? { status: error.status, code: error.code }
				: { status: 0, code: error instanceof Unreadable ? 'file.unreadable' : '' };
		this.progress.heard = { ...this.progress.heard, [what]: told };
		const waits: ReadonlyMap<string, number> = this.home.state.value.waits;
		const ofKinds = Object.entries(this.progress.heard).filter(([each]) => waits.has(each) || each === what);
		try {
			localStorage.setItem(this.heardName, JSON.stringify(Object.fromEntries(ofKinds)));
		} catch {
			// A full phone: then the rest is kept to its end after the page is opened anew.
		}
	}

	private tellSent(sha256: string, bytes: number): void {
		this.progress.sent = { ...this.progress.sent, [sha256]: bytes };
		this.home.tabs.tell({ what: 'sent', sent: { ...this.progress.sent } });
	}

	private hear(news: News): void {
		if (news.what === 'sent') this.progress.sent = news.sent;
	}

	/** Lets files rest after one of them could not be sent. */
	private async rest(error: unknown): Promise<void> {
		this.hearRefusal('media', error);
		const { epoch, failures } = this.home.state.value;
		if (error instanceof Refusal && BLOCKS.includes(error.status) && epoch !== null) {
			await this.home.happen({ type: 'Refused', requestEpoch: epoch, what: 'media', status: error.status, ops: [] });
			return;
		}
		const retryAfter = error instanceof Refusal ? error.retryAfter : 0;
		const until = Date.now() + backOff((failures.get('media') ?? 0) + 1, Math.random(), retryAfter);
		await this.home.happen({ type: 'Throttled', what: 'media', until });
		this.wakeAfterRest();
	}
}
