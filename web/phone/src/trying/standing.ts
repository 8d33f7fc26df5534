/** Where somebody stands who tries a form out at a desk: beside a marker of the invented mine, by a receiver of ±4 m. */
const NEAR = { latitude: 35.41419, longitude: 112.33266, altitude: 871, accuracy: 4 };
const PACE = 500; // milliseconds between fixes
const SWAY = 0.00001; // degrees

function position(): GeolocationPosition {
	const sway = () => (Math.random() - 0.5) * SWAY;
	const coords = { ...NEAR, latitude: NEAR.latitude + sway(), longitude: NEAR.longitude + sway(), altitudeAccuracy: null, heading: null, speed: null };
	return { coords, timestamp: Date.now() } as unknown as GeolocationPosition;
}

/** Puts the invented receiver in the place of this machine's, which is not asked. */
export function standAtTheMine(): void {
	const geolocation: Geolocation = {
		getCurrentPosition: (found) => void setTimeout(() => found(position()), PACE),
		watchPosition: (found) => window.setInterval(() => found(position()), PACE),
		clearWatch: (number) => window.clearInterval(number),
	};
	Object.defineProperty(navigator, 'geolocation', { value: geolocation });
}
