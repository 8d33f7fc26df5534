/** What this phone says of itself: its build, how much has not arrived, how full it is. Only the last time is kept there. */
import { roomNow } from '../capture/room';
import { unsafeOf } from '../work/arrival';
import type { Door } from '../wire/door';
import type { Home } from './home';

const SELDOM = 60 * 60_000; // milliseconds until the same is said again
/** The build, by the name of its file, which has its hash. */
const BUILD = new URL(import.meta.url).pathname.split('/').at(-1)!.slice(0, 100);

export class Standing {
	private said = '';
	private at = -Infinity;

	constructor(
		private readonly home: Home,
		private readonly door: Door,
	) {}

	/** Says it, where it is not what was said within the hour. What goes wrong here stops nothing. */
	async say(): Promise<void> {
		const counts = { version: BUILD, ...unsafeOf(this.home.state.value, this.home.drafts.value) };
		const now = JSON.stringify(counts);
		if (now === this.said && performance.now() - this.at < SELDOM) return;
		const room = await roomNow();
		await this.door.ask('PUT', '/api/v1/phones/standing', { ...counts, used: room?.used ?? null, quota: room?.quota ?? null });
		[this.said, this.at] = [now, performance.now()];
	}
}
