/** What a form of the libraries asks for, field by field, and what is sent of it. */
export interface Asked {
	/** The name on the wire. */
	readonly key: string;
	/** In English; said in the language of the console. */
	readonly name: string;
	readonly kind?: 'long' | 'words' | 'day' | 'number' | 'choice' | 'choices' | 'flag';
	/** Values with what they are called, in English; `isOwn`: in words of the server. */
	readonly options?: readonly (readonly [value: string, name: string])[];
	readonly isOwn?: boolean;
	readonly isRequired?: boolean;
	/** Shown, and not to be changed: it tells which one it is. */
	readonly isFixed?: boolean;
	/** Characters at most; 200 where nothing is said. */
	readonly most?: number;
}

export type Answer = string | number | boolean | null | readonly string[] | undefined;
export type Answers = Readonly<Record<string, Answer>>;

/** What stands in each field at first. */
export function firstAnswers(asked: readonly Asked[], known: Readonly<Record<string, unknown>>): Record<string, Answer> {
	const blank = (each: Asked): Answer => (each.kind === 'words' || each.kind === 'choices' ? [] : each.kind === 'flag' ? false : each.kind === 'number' || each.kind === 'day' ? null : '');
	return Object.fromEntries(asked.map((each) => [each.key, (known[each.key] as Answer) ?? blank(each)]));
}

/** What is asked for with nothing in it, so that what somebody took out is taken out on the server too. */
export const emptied = (asked: readonly Asked[]): Answers => firstAnswers(asked, {});

const isEmpty = (answer: Answer): boolean => answer === null || answer === undefined || answer === '' || (Array.isArray(answer) && answer.length === 0);

/** What is filled in: whatever is left out is empty for the server too. */
export const filledIn = (answers: Answers): Answers =>
	Object.fromEntries(
		Object.entries(answers)
			.map(([key, answer]) => [key, typeof answer === 'string' ? answer.trim() : answer] as const)
			.filter(([, answer]) => !isEmpty(answer)),
	);

export const lacks = (asked: readonly Asked[], answers: Answers): boolean => {
	const there = filledIn(answers);
	return asked.some(({ key, isRequired }) => isRequired && !(key in there));
};
