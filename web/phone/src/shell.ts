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

export interface Health {
	readonly what: string;
	readonly state: 'good' | 'warn' | 'bad';
	readonly told: string;
}

/** Looks whether this phone may be trusted with a day's work. Asks nobody for anything but lasting storage. */
export async function health(hasKey: boolean): Promise<Health[]> {
	const installed = matchMedia('(display-mode: standalone)').matches;
	const lasting = (await navigator.storage?.persisted?.()) || (await navigator.storage?.persist?.()) || false;
	const { quota = 0, usage = 0 } = (await navigator.storage?.estimate?.()) ?? {};
	const free = quota - usage;
	return [
		{ what: 'Installed as an application', state: installed ? 'good' : 'warn', told: installed ? '✓' : '—' },
		{ what: 'Storage is kept for good', state: lasting ? 'good' : 'warn', told: lasting ? '✓' : '—' },
		{ what: 'Free space', state: free > 2e9 ? 'good' : free > 5e8 ? 'warn' : 'bad', told: `${(free / 1e9).toFixed(1)} GB` },
		{ what: 'Device key', state: hasKey ? 'good' : 'warn', told: hasKey ? 'ES256' : '—' },
		{ what: 'Camera', state: navigator.mediaDevices ? 'good' : 'bad', told: navigator.mediaDevices ? '✓' : '—' },
		{ what: 'Positioning', state: navigator.geolocation ? 'good' : 'bad', told: navigator.geolocation ? '✓' : '—' },
	];
}
