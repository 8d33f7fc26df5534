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

/** Where somebody stands who wanted to go to a path: there, or where they may go. */
export function allowedPath(path: string, may: (permission: string) => boolean): string {
	const wanted = PLACES.find((place) => path === place.path || path.startsWith(`${place.path}/`));
	if (wanted && may(wanted.needs)) return path;
	return PLACES.find((place) => may(place.needs))?.path ?? path;
}
