/** A position that is being measured. It outlives the question that asked for it where that is drawn anew. */
import { effectScope, ref, shallowRef } from 'vue';
import type { Fix } from './captured';
import { watchPosition, type Watching } from './position';

const TICK = 500; // milliseconds

export class Measuring {
	readonly fixes = shallowRef<readonly Fix[]>([]);
	readonly seconds = ref(0);
	readonly watching: Watching;
	private readonly scope = effectScope(true); // of no component: whoever began it may go before it ends
	private readonly began = performance.now();
	private readonly timer: number;

	constructor() {
		this.watching = this.scope.run(() => watchPosition((fix) => (this.fixes.value = [...this.fixes.value, fix])))!;
		this.timer = window.setInterval(() => (this.seconds.value = Math.floor((performance.now() - this.began) / 1000)), TICK);
	}

	end(): void {
		window.clearInterval(this.timer);
		this.watching.stop();
		this.scope.stop();
	}
}
