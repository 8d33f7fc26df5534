/** Whether this phone may be trusted with a day's work: each check with what it means and what to do about it. */
import { open, seal } from './keeping/vault';

export type Light = 'good' | 'warn' | 'bad';

export interface Check {
	readonly what: string;
	readonly state: Light;
	/** What was found, as it is shown. */
	readonly told: string;
	/** What it means and what to do, as a key of the words; empty when all is well. */
	readonly advice: string;
}

const GIGABYTE = 1e9;
const MINUTE = 60_000;

const ADVICE = {
	installed: 'Add this page to the home screen from the browser\'s menu, and open it there: the system then does not clear it away.',
	lasting: 'The system may clear the storage when space is short. Install to the home screen, and send at the end of each day.',
	offline: 'Not ready without a network yet. Open this page once more with a network.',
	space: 'Little space is left for photos and recordings. Delete other things from this phone before you go.',
	denied: 'It was refused. Allow it for this site in the settings of the browser.',
	asked: 'You will be asked once. Say yes, or nothing can be proved on site.',
	none: 'None was found on this phone. Take another phone for inspections.',
	clock: 'The clock of this phone is wrong. Switch on the automatic time; records are marked otherwise.',
	unknownClock: 'Not compared yet. Go online once.',
	key: 'This browser keeps no keys: records can\'t be signed. Leave the private window, or take another browser.',
	vault: 'Encryption failed on this browser. Take another browser for inspections.',
} as const;

/** Every text that a check may show. */
export const ADVICES: readonly string[] = Object.values(ADVICE);
export const CHECKS = {
	installed: 'Installed as an application',
	lasting: 'Storage is kept for good',
	offline: 'Ready without a network',
	space: 'Free space',
	camera: 'Camera',
	microphone: 'Microphone',
	geolocation: 'Positioning',
	clock: 'Clock',
	key: 'Device key',
	vault: 'Encryption',
} as const;

function found(what: string, state: Light, told: string, advice: string): Check {
	return { what, state, told, advice: state === 'good' ? '' : advice };
}

const yes = (isSo: boolean) => (isSo ? '✓' : '✗');

/** Looks at everything; asks the person for nothing. `clockOffset`: the server's time minus this phone's, milliseconds. */
export async function examine(hasKey: boolean, clockOffset: number | null): Promise<Check[]> {
	const isInstalled = matchMedia('(display-mode: standalone)').matches;
	const lasts = (await navigator.storage?.persisted?.()) || (await navigator.storage?.persist?.()) || false;
	const isOffline = (await navigator.serviceWorker?.getRegistration())?.active != null;
	return [
		found(CHECKS.installed, isInstalled ? 'good' : 'warn', yes(isInstalled), ADVICE.installed),
		found(CHECKS.lasting, lasts ? 'good' : 'warn', yes(lasts), ADVICE.lasting),
		found(CHECKS.offline, isOffline ? 'good' : 'warn', yes(isOffline), ADVICE.offline),
		await space(),
		await device('camera', 'videoinput'),
		await device('microphone', 'audioinput'),
		await device('geolocation', null),
		clock(clockOffset),
		found(CHECKS.key, hasKey ? 'good' : 'bad', hasKey ? 'ES256' : '✗', ADVICE.key),
		await encryption(),
	];
}

async function space(): Promise<Check> {
	const { quota = 0, usage = 0 } = (await navigator.storage?.estimate?.()) ?? {};
	const free = (quota - usage) / GIGABYTE;
	return found(CHECKS.space, free > 2 ? 'good' : free > 0.5 ? 'warn' : 'bad', `${free.toFixed(1)} GB`, ADVICE.space);
}

async function device(name: 'camera' | 'microphone' | 'geolocation', kind: MediaDeviceKind | null): Promise<Check> {
	const isThere =
		kind === null
			? 'geolocation' in navigator
			: ((await navigator.mediaDevices?.enumerateDevices().catch(() => [])) ?? []).some((each) => each.kind === kind);
	if (!isThere) return found(CHECKS[name], 'bad', '✗', ADVICE.none);
	const asked = navigator.permissions?.query({ name: name as PermissionName });
	const state = (await asked?.catch(() => null))?.state ?? 'prompt';
	if (state === 'denied') return found(CHECKS[name], 'bad', '✗', ADVICE.denied);
	return found(CHECKS[name], state === 'granted' ? 'good' : 'warn', state === 'granted' ? '✓' : '?', ADVICE.asked);
}

function clock(offset: number | null): Check {
	if (offset === null) return found(CHECKS.clock, 'warn', '?', ADVICE.unknownClock);
	const apart = Math.abs(offset);
	const told = apart < MINUTE ? '✓' : `${offset > 0 ? '−' : '+'}${Math.round(apart / MINUTE)} min`;
	return found(CHECKS.clock, apart < 2 * MINUTE ? 'good' : apart < 10 * MINUTE ? 'warn' : 'bad', told, ADVICE.clock);
}

/** Seals something and opens it again. */
async function encryption(): Promise<Check> {
	const probe = crypto.getRandomValues(new Uint8Array(1024));
	const same = await seal(probe)
		.then(open)
		.then((back) => back.every((byte, place) => byte === probe[place]))
		.catch(() => false);
	return found(CHECKS.vault, same ? 'good' : 'bad', same ? 'AES-256' : '✗', ADVICE.vault);
}
