/** The application as something installed: kept offline, renewed only when nobody is at work in it. */
import { Workbox } from 'workbox-window';
import { ref } from 'vue';

/** Whether a newer version waits for the next start. */
export const newerWaits = ref(false);

/** Keeps the application on this phone. A new version is taken at the next start, never under an open form. */
export function keepForLater(): void {
	if (!('serviceWorker' in navigator) || import.meta.env.DEV) return;
	const worker = new Workbox('/phone/sw.js', { scope: '/phone/' });
	worker.addEventListener('waiting', () => (newerWaits.value = true));
	void worker.register();
}

/** The applications in whose own browsers nothing may be recorded, by what their user agents say. */
const INSIDE: readonly [RegExp, string][] = [
	[/wxwork/i, '企业微信'],
	[/micromessenger/i, '微信'],
	[/dingtalk/i, '钉钉'],
];

/** Names the application around this page whose storage can't be trusted; null in a real browser. */
export function insideOf(agent: string = navigator.userAgent): string | null {
	return INSIDE.find(([pattern]) => pattern.test(agent))?.[1] ?? null;
}

const SEEN = 'health-seen';

/** Whether somebody has looked at the check of this phone. */
export const isHealthSeen = ref(localStorage.getItem(SEEN) !== null);

export function healthSeen(): void {
	localStorage.setItem(SEEN, 'yes');
	isHealthSeen.value = true;
}

/** Does something when the phone has nothing else to do; after so many milliseconds at the latest. */
export function whenIdle(what: () => unknown, latest: number): void {
	if ('requestIdleCallback' in window) requestIdleCallback(() => void what(), { timeout: latest });
	else setTimeout(() => void what(), latest / 3);
}
