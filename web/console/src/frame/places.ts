/** Where one can go, and what one must be allowed to for it. */
export interface Place {
	readonly path: string;
	readonly name: string;
	readonly needs: string;
}

export const PLACES: readonly Place[] = [
	{ path: '/review', name: 'Review', needs: 'record.read' },
	{ path: '/tasks', name: 'Tasks', needs: 'task.read' },
	{ path: '/results', name: 'Results', needs: 'result.read' },
	{ path: '/followups', name: 'Follow-ups', needs: 'result.read' },
	{ path: '/platform', name: 'Platform', needs: 'delivery.read' },
	{ path: '/quarantine', name: 'Quarantine', needs: 'quarantine.read' },
];
