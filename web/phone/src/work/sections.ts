/** Joint visits (联合检查): the part of one's own department in a task that several departments make together. */
type Body = Readonly<Record<string, any>>;

export interface Section {
	readonly id: string;
	/** The department's bureau. */
	readonly name: string;
	readonly inspectors: readonly string[];
	readonly items: readonly string[];
	readonly forms: readonly string[];
	readonly dueOn: string;
}

/** The departments of a task's body; none where it is no joint visit. */
export function sectionsOf(body: Body): Section[] {
	return ((body['sections'] ?? []) as Body[]).map((each) => ({
		id: each['id'],
		name: each['name'],
		inspectors: each['inspectors'],
		items: each['items'],
		forms: each['forms'],
		dueOn: each['due_on'],
	}));
}

/** The department that somebody inspects for. */
export function sectionOf(body: Body, person: string | null): Section | null {
	return sectionsOf(body).find((each) => person !== null && each.inspectors.includes(person)) ?? null;
}

/** The row of `tasks.csv` as somebody sees it: with the department's own bureau, items and inspectors. */
export function rowOf(body: Body, person: string | null): Record<string, string> {
	const prefill = body['prefill'] as Body;
	const section = sectionOf(body, person);
	return { ...prefill['tasks'], ...(section && prefill['sections']?.[section.id]) };
}
