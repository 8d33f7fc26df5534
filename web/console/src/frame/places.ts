/** Where one can go, and what one must be allowed to for it. */
export interface Place {
	readonly path: string;
	readonly name: string;
	readonly needs: string;
}

export const PLACES: readonly Place[] = [{ path: '/review', name: 'Review', needs: 'record.read' }];
