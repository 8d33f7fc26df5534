/** Keys of a page: each is a button somewhere as well, and none fires while somebody writes or an input method composes. */
import { onBeforeUnmount, onMounted } from 'vue';

export type Keys = Readonly<Record<string, () => void>>;

/** Listens as long as the component lives. A key is what it writes (`j`, `?`, ` `) or its name (`ArrowDown`). */
export function useKeys(keys: Keys): void {
	const pressed = (event: KeyboardEvent): void => {
		if (isWriting(event)) return;
		const name = event.key.length === 1 ? event.key.toLowerCase() : event.key;
		const act = Object.hasOwn(keys, name) ? keys[name] : undefined;
		if (!act) return;
		event.preventDefault();
		act();
	};
	onMounted(() => window.addEventListener('keydown', pressed));
	onBeforeUnmount(() => window.removeEventListener('keydown', pressed));
}

/** Whether a key is meant for something else: text being written, a composition, a shortcut of the browser, an open dialogue. */
export function isWriting(event: KeyboardEvent): boolean {
	// 229: some input methods tell only so that the key is theirs.
	if (event.isComposing || event.keyCode === 229 || event.ctrlKey || event.metaKey || event.altKey) return true;
	const target = event.target as HTMLElement | null;
	if (target?.closest('input, textarea, select, [contenteditable=true], [role=dialog]')) return true;
	// A button that has the focus is pressed by space; letters still are ours.
	return event.key === ' ' && Boolean(target?.closest('button, a, video, audio, summary'));
}
