/** Where the phone looks: its compass, where it has one and says so. */
import { onBeforeUnmount, ref, type Ref } from 'vue';
import type { Direction } from './captured';

interface Turned extends DeviceOrientationEvent {
	/** Degrees from north as iOS tells them. */
	readonly webkitCompassHeading?: number;
}

/** The direction of the camera's view from an event's angles: where the back of the phone points, along the ground. */
export function directionOf(event: Pick<Turned, 'alpha' | 'beta' | 'gamma' | 'absolute' | 'webkitCompassHeading'>): Direction | null {
	if (typeof event.webkitCompassHeading === 'number') return { degrees: Math.round(event.webkitCompassHeading), absolute: true };
	const { alpha, beta, gamma } = event;
	if (alpha === null || beta === null || gamma === null) return null;
	const [a, b, c] = [alpha, beta, gamma].map((degrees) => (degrees * Math.PI) / 180) as [number, number, number];
	// The vector out of the back of the screen, turned as the angles say (W3C Device Orientation, "worked example").
	const east = -Math.cos(a) * Math.sin(c) - Math.sin(a) * Math.sin(b) * Math.cos(c);
	const north = -Math.sin(a) * Math.sin(c) + Math.cos(a) * Math.sin(b) * Math.cos(c);
	if (Math.hypot(east, north) < 0.1) return null; // It looks at the ground or the sky.
	const degrees = (Math.round((Math.atan2(east, north) * 180) / Math.PI) + 360) % 360;
	return { degrees, absolute: event.absolute };
}

/** Follows the direction for as long as a component is shown; null where it is not told. */
export function watchDirection(): Ref<Direction | null> {
	const latest = ref<Direction | null>(null);
	const name = 'ondeviceorientationabsolute' in window ? 'deviceorientationabsolute' : 'deviceorientation';
	const hear = (event: Event) => (latest.value = directionOf(event as Turned) ?? latest.value);
	window.addEventListener(name, hear);
	onBeforeUnmount(() => window.removeEventListener(name, hear));
	return latest;
}

/** Asks for the compass where it has to be asked for (iOS); only a tap may ask. */
export async function allowDirection(): Promise<void> {
	const asked = (globalThis as { DeviceOrientationEvent?: { requestPermission?: () => Promise<string> } }).DeviceOrientationEvent;
	await asked?.requestPermission?.().catch(() => undefined);
}
