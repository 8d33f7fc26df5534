import type { Fix } from '../forms/filling';

const PATIENCE = 5000; // milliseconds a shutter waits for the receiver, at most
const AGE = 10_000; // a fix this old still says where the photo was taken

/** Where the phone is at the moment of a capture; null where it can't tell. Never asked for otherwise. */
export function positionNow(): Promise<Fix | null> {
	return new Promise((resolve) => {
		if (!('geolocation' in navigator)) {
			resolve(null);
			return;
		}
		navigator.geolocation.getCurrentPosition(
			({ coords, timestamp }) =>
				resolve({
					latitude: coords.latitude,
					longitude: coords.longitude,
					accuracy: coords.accuracy,
					altitude: coords.altitude,
					at: new Date(timestamp).toISOString(),
				}),
			() => resolve(null),
			{ enableHighAccuracy: true, maximumAge: AGE, timeout: PATIENCE },
		);
	});
}
