/** Where the phone is: asked only while somebody captures something, never otherwise. */
import { onScopeDispose, ref, type Ref } from 'vue';
import { say } from '../texts';
import type { Fix } from './captured';

const FRESH = 10_000; // milliseconds; a fix this old says where a photo was taken
const OLD = 300_000; // milliseconds; an older one says nothing any more
const PATIENCE = 60_000; // milliseconds that the receiver may take to find itself

/** A reading as the receiver gave it. An accuracy that is no positive number claims nothing, and is kept as 0. */
export function fixOf({ coords, timestamp }: GeolocationPosition): Fix {
	const { latitude, longitude, accuracy, altitude } = coords;
	return {
		latitude,
		longitude,
		accuracy: Number.isFinite(accuracy) && accuracy > 0 ? accuracy : 0,
		altitude: altitude ?? null,
		at: new Date(timestamp).toISOString(),
	};
}

/** Milliseconds since a fix was taken. It tells its own moment, so that an old one never passes for a new one. */
function ageOf(fix: Fix | null): number {
	return fix === null ? Infinity : Date.now() - Date.parse(fix.at);
}

/** What an accuracy is called: a radius, or that the receiver told none. */
export function accuracyTold(fix: Pick<Fix, 'accuracy'>): string {
	if (fix.accuracy === 0) return say.value('no accuracy told');
	return `±${fix.accuracy < 10 ? fix.accuracy.toFixed(1) : Math.round(fix.accuracy)} m`;
}

export interface Watching {
	readonly latest: Ref<Fix | null>;
	/** Why there is no position; empty while it is being looked for. */
	readonly why: Ref<string>;
	/** The newest fix that is fresh, or the next one within so many milliseconds, or an older one; null where there is none. */
	within(patience: number): Promise<Fix | null>;
	stop(): void;
}

/** Follows the position for as long as a component is shown, or until it is stopped; `heard` hears each fix. */
export function watchPosition(heard: (fix: Fix) => void = () => undefined): Watching {
	const latest = ref<Fix | null>(null);
	const why = ref('');
	const waiting = new Set<(fix: Fix) => void>();
	let number: number | null = null;
	const take = (position: GeolocationPosition) => {
		latest.value = fixOf(position);
		why.value = '';
		heard(latest.value);
		waiting.forEach((each) => each(latest.value!));
	};
	const options = { enableHighAccuracy: true, maximumAge: 0, timeout: PATIENCE };
	if (navigator.geolocation) number = navigator.geolocation.watchPosition(take, (error) => (why.value = error.message), options);
	else why.value = say.value('this browser has no positioning');
	const stop = () => {
		if (number !== null) navigator.geolocation.clearWatch(number);
		number = null;
	};
	const within = async (patience: number) => {
		if (ageOf(latest.value) < FRESH) return latest.value;
		return new Promise<Fix | null>((resolve) => {
			waiting.add(resolve);
			setTimeout(() => resolve(ageOf(latest.value) < OLD ? latest.value : null), patience);
		}).finally(() => waiting.clear());
	};
	onScopeDispose(stop);
	return { latest, why, within, stop };
}

/** Where the phone is now; null where it can't tell soon. */
export function positionNow(patience = 5000): Promise<Fix | null> {
	if (!navigator.geolocation) return Promise.resolve(null);
	return new Promise((resolve) => {
		const options = { enableHighAccuracy: true, maximumAge: FRESH, timeout: patience };
		navigator.geolocation.getCurrentPosition((position) => resolve(fixOf(position)), () => resolve(null), options);
	});
}
