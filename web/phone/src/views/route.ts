/** The order of the day: overdue first and then by due date, or from where somebody stands when they ask for it. */
import { distance, type Place } from '../shapes';
import type { TaskCard } from './cards';

const SOON = 7; // days

/** What is due soon, overdue or begun, and not finished. Cards come by due date, which is the planner's order. */
export function ofToday(tasks: readonly TaskCard[]): TaskCard[] {
	return tasks.filter((task) => !task.isFinished && (task.daysLeft <= SOON || task.badge !== null));
}

export interface Leg {
	readonly task: TaskCard;
	/** Metres from the stop before; null where the object's place is not known, or nobody asked. */
	readonly metres: number | null;
}

/** Goes to the nearest place first, then to the nearest from there; what has no place comes last. */
export function nearestNext(tasks: readonly TaskCard[], from: Place): Leg[] {
	const left = tasks.filter((task) => task.place !== null);
	const legs: Leg[] = [];
	let here = from;
	while (left.length > 0) {
		const away = left.map((task) => distance(here, task.place!));
		const metres = Math.min(...away);
		const [task] = left.splice(away.indexOf(metres), 1);
		legs.push({ task: task!, metres });
		here = task!.place!;
	}
	return [...legs, ...tasks.filter((task) => task.place === null).map((task) => ({ task, metres: null }))];
}

export type Standing = 'overdue' | 'due' | 'open' | 'finished';
export const STANDINGS: readonly Standing[] = ['overdue', 'due', 'open', 'finished'];

export function standingOf(task: TaskCard): Standing {
	if (task.isFinished) return 'finished';
	if (task.daysLeft < 0) return 'overdue';
	return task.daysLeft <= SOON ? 'due' : 'open';
}
