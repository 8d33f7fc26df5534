/** Keeps the screen on while something is under way: a phone that sleeps sends nothing. */

/** Does something with the screen on, where the browser and the battery allow it. */
export async function awake<T>(doing: () => Promise<T>): Promise<T> {
	let lock: WakeLockSentinel | null = null;
	const hold = async () => {
		if (document.visibilityState !== 'visible') return;
		lock = (await navigator.wakeLock?.request('screen').catch(() => null)) ?? null;
	};
	// The lock ends whenever the page is hidden.
	const again = () => void hold();
	document.addEventListener('visibilitychange', again);
	await hold();
	try {
		return await doing();
	} finally {
		document.removeEventListener('visibilitychange', again);
		await (lock as WakeLockSentinel | null)?.release();
	}
}
