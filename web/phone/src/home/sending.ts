/** Files on their way, one after the other over all tabs, the small ones first. */
import type { FileRow } from '../keeping/database';
import { Unreadable } from '../keeping/keptFile';
import { Refusal, type Door } from '../wire/door';
import { upload } from '../wire/uploads';
import { awake } from './awake';
import type { Home } from './home';
import { mayUseData } from './metered';
import { alone } from './tabs';

/** Answers that are about one file, and hold up no others. */
const OF_ONE_FILE = [400, 404, 410, 413, 415, 422, 460];

/** What hears of sending. */
export interface Listener {
	/** So many bytes of a file have gone. */
	sent(sha256: string, bytes: number): void;
	/** These files are wanted, and this phone has not got them. */
	missing(hashes: readonly string[]): void;
	/** Files wait because the network is metered. */
	held(isHeld: boolean): void;
	/** One file was refused, or can't be read; the others go on. */
	refused(sha256: string, refusal: Error): void;
}

function isOfOneFile(error: unknown): error is Error {
	return error instanceof Unreadable || (error instanceof Refusal && OF_ONE_FILE.includes(error.status));
}

export class Sending {
	private isSending = false;
	/** Files that could not be sent since this tab was opened or rested. */
	private readonly aside = new Set<string>();

	constructor(
		private readonly home: Home,
		private readonly door: Door,
		private readonly listener: Listener,
	) {}

	/** Sends what the server wants and this phone has; what is being sent goes on. Raises what stopped it. */
	async send(): Promise<void> {
		if (this.isSending) return;
		this.isSending = true;
		this.aside.clear();
		try {
			await alone(`${this.home.database.name}-files`, () => awake(() => this.sendAll()), Infinity);
		} finally {
			this.isSending = false;
		}
	}

	private async sendAll(): Promise<void> {
		let refusal: Error | null = null;
		for (let row = await this.next(); row !== undefined; row = await this.next()) {
			try {
				await this.sendOne(row);
			} catch (error) {
				if (!isOfOneFile(error)) throw error;
				this.aside.add(row.sha256);
				this.listener.refused(row.sha256, error);
				refusal = error;
			}
		}
		if (refusal !== null) throw refusal;
	}

	private async next(): Promise<FileRow | undefined> {
		const wanted = [...this.home.state.value.mediaWanted];
		const rows = await this.home.database.files.where('sha256').anyOf(wanted).toArray();
		const here = new Set(rows.map((row) => row.sha256));
		this.listener.missing(wanted.filter((sha256) => !here.has(sha256)));
		this.listener.held(!mayUseData());
		if (!mayUseData() || this.home.state.value.blocked !== null) return undefined;
		return rows.filter((row) => !this.aside.has(row.sha256)).sort((one, other) => one.size - other.size)[0];
	}

	private async sendOne(row: FileRow): Promise<void> {
		const requestEpoch = this.home.state.value.epoch;
		const file = await (await this.home.files).find(row.name).catch(() => undefined);
		if (file === undefined) throw new Unreadable(row.name);
		const send = () => upload(this.home.database, this.door, file, (bytes) => this.listener.sent(row.sha256, bytes));
		try {
			await send();
		} catch (error) {
			if (!(error instanceof Refusal) || error.status !== 401) throw error;
			await this.door.ask('GET', '/api/v1/me'); // renews the token where it ran out on the way
			await send();
		}
		await this.home.happen({ type: 'MediaStored', sha256: row.sha256, requestEpoch });
	}
}
