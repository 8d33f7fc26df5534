/** When the vault locks by itself, and when its key is destroyed; never under a recording. */
import { mono } from '../clock';
import { destroyKey, lock } from './vault';

/** Milliseconds in the background after which the PIN is asked for. */
const AWAY = 5 * 60_000;
const LOOK = 1_000;
/** For what was typed last to reach the disk. */
const MOMENT = 2_000;

/** Whether a file is being recorded, in whichever tab: whoever writes one holds a lock on its name. */
async function isRecording(): Promise<boolean> {
	const { held = [] } = (await navigator.locks?.query()) ?? {};
	return held.some((each) => each.name?.startsWith('merestone-file-'));
}

/** Locks after the application was in the background for a while. */
export function lockInBackground(): void {
	let since: { mono: number; wall: number } | null = null;
	const look = async () => {
		// A phone that sleeps stops the one clock, and whoever holds it sets the other.
		const away = since === null ? 0 : Math.max(mono() - since.mono, Date.now() - since.wall);
		if (document.visibilityState === 'visible') since = null;
		if (away >= AWAY && !(await isRecording())) lock();
	};
	document.addEventListener('visibilitychange', () => {
		if (document.visibilityState === 'hidden') since = { mono: mono(), wall: Date.now() };
		void look();
	});
	setInterval(() => since !== null && void look(), AWAY / 5);
}

/** This device was blocked: lets what is under way reach the disk, and destroys the key. */
export async function forgetKey(): Promise<void> {
	await new Promise((resolve) => setTimeout(resolve, MOMENT));
	while (await isRecording()) await new Promise((resolve) => setTimeout(resolve, LOOK));
	await destroyKey();
}
