/** Organisations and regions as the API shows them, and the tree they make. */
export interface Organisation {
	readonly id: string;
	readonly name: string;
	readonly region: string;
	/** Those who can sign in. */
	readonly people: number;
	readonly ended_at: string | null;
}

export interface Region {
	readonly code: string;
	readonly name: string;
	readonly parent: string | null;
}

export interface Branch extends Region {
	readonly children: readonly Branch[];
	/** Organisations in use and their people, here and in all that lies below. */
	readonly organisations: number;
	readonly people: number;
}

/** What a move to another region changes. */
export interface Moving {
	readonly people: number;
	readonly sees_now: readonly string[];
	readonly sees_no_more: readonly string[];
	readonly seen_by_now: readonly string[];
	readonly seen_no_more_by: readonly string[];
}

/** Grows the tree of regions. What lies in nothing that is known stands at the top. */
export function treeOf(regions: readonly Region[], organisations: readonly Organisation[]): readonly Branch[] {
	const known = new Set(regions.map(({ code }) => code));
	const below = Map.groupBy(regions, ({ parent }) => (parent && known.has(parent) ? parent : ''));
	const here = Map.groupBy(organisations, ({ region }) => region);
	const grow = (region: Region): Branch => {
		const children = (below.get(region.code) ?? []).map(grow);
		const own = (here.get(region.code) ?? []).filter(({ ended_at }) => !ended_at);
		const sum = (of: (branch: Branch) => number) => children.reduce((all, each) => all + of(each), 0);
		return {
			...region,
			children,
			organisations: own.length + sum((each) => each.organisations),
			people: own.reduce((all, each) => all + each.people, 0) + sum((each) => each.people),
		};
	};
	return (below.get('') ?? []).map(grow);
}

/** A region and all that lies in it. */
export function codesIn(branches: readonly Branch[], code: string): ReadonlySet<string> {
	const all = (branch: Branch): string[] => [branch.code, ...branch.children.flatMap(all)];
	const find = (several: readonly Branch[]): Branch | undefined => {
		for (const each of several) {
			const found = each.code === code ? each : find(each.children);
			if (found) return found;
		}
		return undefined;
	};
	const found = find(branches);
	return new Set(found ? all(found) : []);
}
