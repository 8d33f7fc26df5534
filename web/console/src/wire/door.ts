/** The one way to the server: requests with the session's token, answers as values, refusals as `Refused`. */
import { overtaken } from './overtaken';
import { refusal } from './refused';
import { access, renew, session, signOutHere } from './session';

export interface Page<Row> {
	readonly rows: readonly Row[];
	/** The address of the next page; null on the last. */
	readonly next: string | null;
}

interface Asking {
	readonly body?: unknown;
	/** Sent although the page goes away. */
	readonly keepalive?: boolean;
	readonly signal?: AbortSignal;
}

export async function get<Answer>(path: string, signal?: AbortSignal): Promise<Answer> {
	return (await asked('GET', path, { signal })).json() as Promise<Answer>;
}

/** Sends a value, or a file as it is; gives what the server answers, null where it says nothing. */
export function post<Answer>(path: string, body?: unknown, keepalive = false): Promise<Answer> {
	return sent<Answer>('POST', path, body, keepalive);
}

export function put<Answer>(path: string, body?: unknown): Promise<Answer> {
	return sent<Answer>('PUT', path, body);
}

export function patch<Answer>(path: string, body: unknown): Promise<Answer> {
	return sent<Answer>('PATCH', path, body);
}

export function remove(path: string): Promise<null> {
	return sent<null>('DELETE', path);
}

/** One page of a list, by its address or the one that the page before named. */
export async function page<Row>(path: string, signal?: AbortSignal): Promise<Page<Row>> {
	const answer = await asked('GET', path, { signal });
	const next = /<([^>]+)>;\s*rel="next"/.exec(answer.headers.get('Link') ?? '');
	return { rows: (await answer.json()) as Row[], next: next?.[1] ?? null };
}

/** Bytes, such as a picture, which an `img` could not ask for with a token. */
export async function blob(path: string, signal?: AbortSignal): Promise<Blob> {
	return (await asked('GET', path, { signal })).blob();
}

/** Sends a file and gives what the server makes of it. */
export async function made(path: string, file: Blob): Promise<Blob> {
	return (await asked('POST', path, { body: file })).blob();
}

async function sent<Answer>(method: string, path: string, body?: unknown, keepalive = false): Promise<Answer> {
	const answer = await asked(method, path, { body, keepalive });
	return (answer.status === 204 ? null : await answer.json()) as Answer;
}

async function asked(method: string, path: string, asking: Asking): Promise<Response> {
	let answer = await once(method, path, asking);
	if (answer.status === 401 && session.value && (await renew())) answer = await once(method, path, asking);
	if (answer.ok) return answer;
	if (answer.status === 401) signOutHere();
	if (answer.status === 409 && method !== 'GET') overtaken.value++;
	throw await refusal(answer);
}

function once(method: string, path: string, { body, keepalive, signal }: Asking): Promise<Response> {
	const address = path.startsWith('/') ? path : `/api/v1/${path}`;
	const isFile = body instanceof Blob;
	return fetch(address, {
		method,
		keepalive: keepalive ?? false,
		signal: signal ?? null,
		headers: {
			Accept: 'application/json, */*;q=0.5',
			...access(),
			...(body === undefined ? {} : { 'Content-Type': isFile ? body.type : 'application/json' }),
		},
		...(body === undefined ? {} : { body: isFile ? body : JSON.stringify(body) }),
	});
}
