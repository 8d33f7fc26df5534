/** The board as the API shows it (`server/board`), and what its columns are called. */
import { inHalf, say } from '../texts';

export interface Card {
	readonly kind: 'task' | 'record' | 'result';
	readonly id: string;
	readonly task: string;
	readonly number: string;
	readonly object_name: string;
	readonly items: readonly string[];
	readonly department: string;
	readonly due_on: string | null;
	readonly days_left: number | null;
	readonly urgency: 'late' | 'soon' | 'fine';
	/** Chinese and English, ` · ` between. */
	readonly rule: string;
	readonly place: string;
}

export interface Column {
	readonly column: keyof typeof NAMES;
	readonly count: number;
	readonly more: boolean;
	readonly cards: readonly Card[];
}

export interface Board {
	readonly as_of: string;
	readonly since: string;
	readonly columns: readonly Column[];
}

export const NAMES = {
	not_begun: 'not begun',
	inspecting: 'being inspected',
	under_review: 'to be reviewed',
	returned: 'returned to the phone',
	to_enter: 'to be entered',
	to_publish: 'to be made public',
	published: 'made public',
} as const;

/** Where everything of a column is listed; null where the board itself is the list. */
export const LISTS: Readonly<Partial<Record<keyof typeof NAMES, string>>> = {
	not_begun: '/tasks?state=assigned',
	inspecting: '/tasks?state=open',
	under_review: '/review',
	to_enter: '/results?state=draft',
	to_publish: '/results?state=confirmed',
};

export const countOf = ({ count, more }: Column): string => (more ? `${count}+` : String(count));

/** How much time is left, in words: never told by colour alone. */
export function timeOf(card: Card): string {
	if (card.days_left === null) return card.due_on ?? say.value('no term');
	if (card.days_left < 0) return say.value('{n} working days late', { n: -card.days_left });
	return card.days_left === 0 ? say.value('due today') : say.value('{n} working days left', { n: card.days_left });
}

/** The rule and the place where it is written, in the console's language. */
export const ruleOf = (card: Card): string => `${inHalf(card.rule)}（${inHalf(card.place)}）`;
