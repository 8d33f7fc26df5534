/** Files on their way, one after the other over all tabs, the small ones first. */
import type { FileRow } from '../keeping/database';
import type { Door } from '../wire/door';
import { upload } from '../wire/uploads';
import type { Home } from './home';
import { alone } from './tabs';

export class Sending {
	private isSending = false;

	constructor(
		private readonly home: Home,
		private readonly door: Door,
		/** Hears how many bytes of a file have gone. */
		private readonly told: (sha256: string, sent: number) => void,
		/** Hears why sending stopped. */
		private readonly stopped: (error: unknown) => Promise<void>,
	) {}

	/** Sends what the server wants and this phone has; what is being sent goes on. */
	async send(): Promise<void> {
		if (this.isSending) return;
		this.isSending = true;
		try {
			await alone(`${this.home.database.name}-files`, () => this.sendAll(), Infinity);
		} catch (error) {
			await this.stopped(error);
		} finally {
			this.isSending = false;
		}
	}

	private async sendAll(): Promise<void> {
		for (let row = await this.next(); row !== undefined; row = await this.next()) {
			const requestEpoch = this.home.state.value.epoch;
			const { name, sha256 } = row;
			const file = await (await this.home.files).find(name);
			await this.door.ask('GET', '/api/v1/me'); // a token that runs out on the way makes tus begin at byte 0
			await upload(this.door, file!, (sent) => this.told(sha256, sent));
			await this.home.happen({ type: 'MediaStored', sha256, requestEpoch });
		}
	}

	private async next(): Promise<FileRow | undefined> {
		const wanted = [...this.home.state.value.mediaWanted];
		const rows = await this.home.database.files.where('sha256').anyOf(wanted).toArray();
		return rows.sort((one, other) => one.size - other.size)[0];
	}
}
