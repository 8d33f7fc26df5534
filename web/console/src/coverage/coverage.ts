/** Coverage as the API shows it (`server/board/covering.py`): inspected objects and visits, never people. */
export interface Point {
	/** Of the task. */
	readonly id: string;
	readonly number: string;
	readonly name: string;
	readonly object_name: string;
	readonly due_on: string;
	readonly latitude: number;
	readonly longitude: number;
	readonly state: State;
}

export interface Group {
	readonly region: string;
	readonly region_name: string;
	readonly matter: string;
	readonly visited: number;
	readonly waiting: number;
	readonly late: number;
}

export interface Coverage {
	readonly as_of: string;
	readonly first: string;
	readonly last: string;
	readonly groups: readonly Group[];
	readonly points: readonly Point[];
	readonly more: boolean;
}

export type State = 'visited' | 'waiting' | 'late';

/** A sign beside the colour, and what it is called. */
export const STATES: Readonly<Record<State, readonly [sign: string, name: string]>> = {
	visited: ['✓', 'visited'],
	waiting: ['○', 'not visited yet'],
	late: ['!', 'not visited, late'],
};

/** So many of so many, as a share without decimals. */
export const shareOf = (group: Pick<Group, State>): string => {
	const all = group.visited + group.waiting + group.late;
	return all === 0 ? '' : `${Math.floor((100 * group.visited) / all)}%`;
};

export const sumOf = (groups: readonly Group[]): Pick<Group, State> =>
	groups.reduce((sum, each) => ({ visited: sum.visited + each.visited, waiting: sum.waiting + each.waiting, late: sum.late + each.late }), { visited: 0, waiting: 0, late: 0 });
