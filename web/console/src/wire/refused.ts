/** Refusals as the server writes them: problem+json (RFC 9457). */

/** What the server said no to: its code, its title and what to do, in the language asked for. */
export class Refused extends Error {
	constructor(
		readonly status: number,
		readonly code: string,
		title: string,
		readonly detail: string,
		readonly body: Readonly<Record<string, unknown>> = {},
	) {
		super(title);
	}
}

export async function refusal(answer: Response): Promise<Refused> {
	const body = (await answer.json().catch(() => ({}))) as Record<string, unknown>;
	const text = (name: string) => (typeof body[name] === 'string' ? (body[name] as string) : '');
	return new Refused(answer.status, text('code') || `http.${answer.status}`, text('title') || `HTTP ${answer.status}`, text('detail'), body);
}
