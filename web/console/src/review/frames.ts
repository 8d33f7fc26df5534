/** Scrolling asks the browser where everything lies. It asks in the next frame, in which that is reckoned anyway, and not in the midst of a key. */
export function inNextFrame(act: () => void): void {
	requestAnimationFrame(act);
}
