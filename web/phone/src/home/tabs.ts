/** Several tabs of one phone: what only one of them may do at a time, and how they tell each other. */

/** What this tab is called; another one each time it is loaded. */
export const TAB = crypto.randomUUID();

/** Milliseconds after which a tab that holds a lock and gives no sign of life loses it. */
const PATIENCE = 150_000;

/**
 * Does something while no other tab of this phone does anything under the same name.
 *
 * A tab that was put to sleep by the system keeps its locks; after a while the lock is taken from it. What runs under
 * a lock must therefore bear being done twice; with an infinite `wait` it is never taken. Where the browser has no
 * locks there is this tab only.
 */
export async function alone<T>(name: string, doing: () => Promise<T>, wait = PATIENCE): Promise<T> {
	if (!navigator.locks) return doing();
	const patience = new AbortController();
	const timer = wait === Infinity ? 0 : setTimeout(() => patience.abort(), wait);
	const begun = () => (clearTimeout(timer), doing());
	try {
		return (await navigator.locks.request(name, { signal: patience.signal }, begun)) as T;
	} catch (error) {
		if (!patience.signal.aborted) throw error;
		return (await navigator.locks.request(name, { steal: true }, doing)) as T;
	} finally {
		clearTimeout(timer);
	}
}

/** What one tab tells the others. */
export type News =
	| { readonly what: 'changed' }
	| { readonly what: 'drafts' }
	| { readonly what: 'complaints' }
	| { readonly what: 'wake' }
	| { readonly what: 'sent'; readonly sent: Readonly<Record<string, number>> };

/** The line to the other tabs in which the same person works on this phone. */
export class Tabs {
	private readonly channel: BroadcastChannel | null;

	constructor(name: string, heard: (news: News) => void) {
		this.channel = 'BroadcastChannel' in globalThis ? new BroadcastChannel(name) : null;
		if (this.channel) this.channel.onmessage = (message: MessageEvent<News>) => heard(message.data);
	}

	tell(news: News): void {
		this.channel?.postMessage(news);
	}

	close(): void {
		this.channel?.close();
	}
}
