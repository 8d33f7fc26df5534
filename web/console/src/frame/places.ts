/** Where one can go, and what one must be allowed to for it. */
export interface Place {
	readonly path: string;
	readonly name: string;
	readonly needs: string;
}

export const PLACES: readonly Place[] = [
	{ path: '/board', name: 'Board', needs: 'board.read' },
	{ path: '/review', name: 'Review', needs: 'record.read' },
	{ path: '/tasks', name: 'Tasks', needs: 'task.read' },
	{ path: '/libraries', name: 'Lists and libraries', needs: 'list.read' },
	{ path: '/plans', name: 'Plans', needs: 'plan.read' },
	{ path: '/coverage', name: 'Coverage', needs: 'board.read' },
	{ path: '/draws', name: 'Draws', needs: 'draw.read' },
	{ path: '/results', name: 'Results', needs: 'result.read' },
	{ path: '/followups', name: 'Follow-ups', needs: 'result.read' },
	{ path: '/publications', name: 'Publications', needs: 'publicity.read' },
	{ path: '/reports', name: 'Reports', needs: 'report.read' },
	{ path: '/platform', name: 'Platform', needs: 'delivery.read' },
	{ path: '/quarantine', name: 'Quarantine', needs: 'quarantine.read' },
	{ path: '/forms', name: 'Forms', needs: 'form.read' },
	{ path: '/documents', name: 'Documents', needs: 'document.manage' },
	{ path: '/devices', name: 'Phones', needs: 'key.read' },
	{ path: '/people', name: 'People', needs: 'person.read' },
	{ path: '/organisations', name: 'Organisations', needs: 'person.read' },
	{ path: '/audit', name: 'Audit trail', needs: 'audit.read' },
	{ path: '/health', name: 'Health', needs: 'status.read' },
	{ path: '/settings', name: 'Settings', needs: 'status.read' },
];

/** Parts of a place that ask for more, or for something else, than the place. */
export const LIBRARY_PARTS: readonly Place[] = [
	{ path: '/libraries', name: 'Item list', needs: 'list.read' },
	{ path: '/libraries/responsibilities', name: 'Responsibility list', needs: 'list.read' },
	{ path: '/libraries/versions', name: 'Published lists', needs: 'list.read' },
	{ path: '/libraries/objects', name: 'Inspected objects', needs: 'object.read' },
	{ path: '/libraries/inspectors', name: 'Inspectors', needs: 'person.read' },
	{ path: '/libraries/experts', name: 'Experts', needs: 'person.read' },
	{ path: '/libraries/leaders', name: 'Leading group', needs: 'list.read' },
	{ path: '/libraries/tags', name: 'Tags', needs: 'list.read' },
	{ path: '/libraries/months', name: 'Month by month', needs: 'list.read' },
	{ path: '/libraries/imports', name: 'Imports', needs: 'list.write' },
];

/** The place that a path leads to, or the part of one. */
export function placeAt(path: string): Place | undefined {
	const holds = (each: Place): boolean => path === each.path || path.startsWith(`${each.path}/`);
	return LIBRARY_PARTS.filter(holds).sort((one, other) => other.path.length - one.path.length)[0] ?? PLACES.find(holds);
}

/** Where somebody stands who went nowhere in particular: at the first place that they may see. */
export function firstPath(may: (permission: string) => boolean): string {
	return PLACES.find((place) => may(place.needs))?.path ?? '/';
}
