/** Where the phone is: asked only while somebody captures something, never otherwise. */
import { onBeforeUnmount, ref, type Ref } from 'vue';
import { say } from '../texts';
import type { Fix } from './captured';

const AGE = 10_000; // milliseconds; a fix this old still says where a photo was taken
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

/** What an accuracy is called: a radius, or that the receiver told none. */
export function accuracyTold(fix: Fix): string {
	if (fix.accuracy === 0) return say.value('no accuracy told');
	return `±${fix.accuracy < 10 ? fix.accuracy.toFixed(1) : Math.round(fix.accuracy)} m`;
}

export interface Watching {
	readonly latest: Ref<Fix | null>;
	/** Why there is no position; empty while it is being looked for. */
	readonly why: Ref<string>;
	/** The newest fix that is fresh, or the next one within so many milliseconds; null where none comes. */
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
		if (latest.value && Date.now() - Date.parse(latest.value.at) < AGE) return latest.value;
		return new Promise<Fix | null>((resolve) => {
			waiting.add(resolve);
			setTimeout(() => resolve(null), patience);
		}).finally(() => waiting.clear());
	};
	onBeforeUnmount(stop);
	return { latest, why, within, stop };
}

/** Where the phone is now; null where it can't tell soon. */
export function positionNow(patience = 5000): Promise<Fix | null> {
	if (!navigator.geolocation) return Promise.resolve(null);
	return new Promise((resolve) => {
		const options = { enableHighAccuracy: true, maximumAge: AGE, timeout: patience };
		navigator.geolocation.getCurrentPosition((position) => resolve(fixOf(position)), () => resolve(null), options);
	});
}
