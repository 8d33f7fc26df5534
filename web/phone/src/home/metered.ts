/** Whether files may go over this network: a day's videos cost more data than many plans have. */
import { ref } from 'vue';

interface Connection extends EventTarget {
	readonly type?: string;
	readonly saveData?: boolean;
}

const KEY = 'files-over';

/** What the person chose: files over any network, or over Wi-Fi only. */
export const filesOver = ref<'any' | 'wifi'>((localStorage.getItem(KEY) as 'any' | 'wifi' | null) ?? 'any');

export function sendFilesOver(chosen: 'any' | 'wifi'): void {
	filesOver.value = chosen;
	localStorage.setItem(KEY, chosen);
}

function connection(): Connection | undefined {
	return (navigator as Navigator & { connection?: Connection }).connection;
}

/** Whether this browser can tell mobile data from Wi-Fi. */
export function tellsMetered(): boolean {
	return connection()?.type !== undefined;
}

/** Whether the network in use is known to be metered, or the person asked the system to save data. */
export function isMetered(): boolean {
	return connection()?.type === 'cellular' || connection()?.saveData === true;
}

export function mayUseData(): boolean {
	return filesOver.value === 'any' || !isMetered();
}

/** Hears when the network becomes another one. */
export function whenNetworkChanges(heard: () => void, signal: AbortSignal): void {
	connection()?.addEventListener('change', heard, { signal });
}
