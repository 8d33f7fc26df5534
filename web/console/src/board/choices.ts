/** What the board, the map and the tasks can be filtered by: asked for once while the console is open. */
import { shallowRef } from 'vue';
import { get } from '../wire/door';

export interface Choice {
	readonly value: string;
	readonly name: string;
}

export interface Choices {
	readonly regions: readonly Choice[];
	readonly organisations: readonly Choice[];
	readonly plans: readonly Choice[];
	readonly items: readonly Choice[];
}

const NONE: Choices = { regions: [], organisations: [], plans: [], items: [] };

export const choices = shallowRef<Choices>(NONE);

/** Asks for them; a list without them still shows everything. */
export async function loadChoices(): Promise<void> {
	choices.value = await get<Choices>('board/choices').catch(() => NONE);
}
