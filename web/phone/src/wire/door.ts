/**
 * The server's door: requests with a token that is renewed when it runs out, and refusals as errors with a code.
 *
 * Nothing here decides what a refusal means for the work on this phone; that is the reducer's.
 */
import type { About } from '../home/about';

export interface Session {
	readonly token: string;
	readonly refresh_token: string;
	readonly expires_at: string;
	readonly user: { readonly id: string; readonly name: string; readonly username: string };
	readonly device?: { readonly id: string; readonly key_id: string };
	readonly epoch: string;
	readonly server_keys: readonly JsonWebKey[];
	readonly limits?: Readonly<Record<string, number>>;
	/** What the bureau tells of the application; see home/about.ts. */
	readonly about?: About;
	/** The organisation's public key, which data keys are wrapped to as well. */
	readonly escrow_key?: JsonWebKey | null;
	/** A data key that was given as `sealed_key`, opened by the organisation's key; base64. */
	readonly data_key?: string | null;
}

/** A refusal of the server, as RFC 9457 has it. */
export class Refusal extends Error {
	constructor(
		readonly status: number,
		readonly problem: Readonly<Record<string, unknown>>,
		readonly retryAfter: number,
	) {
		super(String(problem['detail'] ?? problem['title'] ?? status));
	}

	get code(): string {
		return String(this.problem['code'] ?? '');
	}
}

/** The server was not reached, or its answer did not come whole. */
export class Unreached extends Error {}

/** What the server answered: `body` as JSON where it is, otherwise as text; and the `bytes` that came. */
export interface Reply {
	readonly status: number;
	readonly headers: Headers;
	readonly body: unknown;
	readonly bytes: ArrayBuffer;
}

/** Where a session is kept, so that all tabs have the same one. */
export interface SessionStore {
	read(): Promise<Session | null>;
	keep(session: Session | null): Promise<void>;
	/** Does something while no other tab renews the session. */
	alone(doing: () => Promise<void>): Promise<void>;
	/** Signs a refresh token with this phone's key: so a reply that was lost may be asked for again. */
	prove(refreshToken: string): Promise<string | null>;
}

/** Milliseconds that a `Retry-After` asks for. A date, as something on the way may write it, needs a clock: it is passed over. */
export function restOf(retryAfter: string | null | undefined): number {
	const seconds = Number(retryAfter ?? 0);
	return seconds > 0 && Number.isFinite(seconds) ? 1000 * seconds : 0;
}

const PATIENCE = 120_000; // milliseconds after which a request without an answer counts as lost
/** Bytes that even a bad line carries in a millisecond; so much longer is waited for what is sent. */
const SLOWEST = 2;
/** Characters from which on a body is sent compressed; what is shorter is one packet either way. */
const WORTH_PACKING = 1400;
/** Refusals of what could not be read: something on the way may have spoilt what was compressed. */
const UNREAD = [400, 415];

/** A body as gzip: a push of twenty records is an eighth of it. Null where it is not worth it, or the browser can't. */
async function packed(text: string): Promise<ArrayBuffer | null> {
	if (text.length < WORTH_PACKING || typeof CompressionStream === 'undefined') return null;
	return new Response(new Blob([text]).stream().pipeThrough(new CompressionStream('gzip'))).arrayBuffer();
}

export class Door {
	private refreshing: Promise<void> | null = null;

	constructor(private readonly sessions: SessionStore) {}

	/** The session, as the last tab that renewed it left it. */
	session(): Promise<Session | null> {
		return this.sessions.read();
	}

	async signIn(username: string, password: string, device: object): Promise<Session> {
		const { body } = await this.send('POST', '/api/v1/session', { username, password, device }, null);
		const session = body as Session;
		await this.sessions.keep(session);
		return session;
	}

	async signOut(): Promise<void> {
		try {
			await this.ask('DELETE', '/api/v1/session');
		} finally {
			await this.sessions.keep(null);
		}
	}

	/** Asks and reads the answer as JSON; renews the token once when it ran out. Raises Refusal and Unreached. */
	async ask(method: string, path: string, body?: unknown): Promise<unknown> {
		return (await this.reply(method, path, body)).body;
	}

	/** Asks like `ask`, and gives what the answer's head says, too. */
	async reply(method: string, path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Reply> {
		const session = await this.session();
		try {
			return await this.send(method, path, body, session, headers);
		} catch (error) {
			if (!(error instanceof Refusal) || error.code !== 'session.expired') throw error;
			await this.renew(session);
			return this.send(method, path, body, await this.session(), headers);
		}
	}

	/**
	 * Immutable bytes by their SHA-256, as text. Raises Refusal, and Unreached where something else came: it would be kept
	 * in their place for ever.
	 */
	async blob(sha256: string): Promise<string> {
		const { bytes } = await this.reply('GET', `/api/v1/sync/blobs/${sha256}`);
		const found = await hashOf(bytes);
		if (found !== sha256) throw new Unreached(`${found} came for ${sha256}`);
		return new TextDecoder().decode(bytes);
	}

	/** A picture for showing: the server's preview of it, or itself where there is none yet. Raises Unreached. */
	async picture(path: string): Promise<Blob | null> {
		const headers = { Authorization: `Bearer ${(await this.session())?.token}` };
		for (const address of [`${path}/preview`, path]) {
			try {
				const response = await fetch(address, { headers, signal: AbortSignal.timeout(PATIENCE) });
				if (response.ok) return await response.blob();
			} catch (error) {
				throw new Unreached(error instanceof Error ? error.message : String(error));
			}
		}
		return null;
	}

	/** Renews the token; several who find it run out at once wait for one renewal. */
	private async renew(stale: Session | null): Promise<void> {
		this.refreshing ??= this.sessions.alone(() => this.renewed(stale)).finally(() => (this.refreshing = null));
		return this.refreshing;
	}

	/**
	 * A refresh token works once: where another tab was faster, its session is the one to use. When the reply is lost, the
	 * same token is brought again the next time.
	 */
	private async renewed(stale: Session | null): Promise<void> {
		const held = await this.session();
		if (held === null || held.token !== stale?.token) return;
		const proof = await this.sessions.prove(held.refresh_token);
		const given = { refresh_token: held.refresh_token, ...(proof ? { proof } : {}) };
		const { body } = await this.send('POST', '/api/v1/session/refresh', given, null);
		// What something on the way answered in the server's place must not take the place of a session.
		if (typeof (body as Partial<Session> | null)?.token !== 'string') throw new Unreached('no answer of the server');
		await this.sessions.keep(body as Session);
	}

	private async send(
		method: string,
		path: string,
		body: unknown,
		session: Session | null,
		more: Readonly<Record<string, string>> = {},
	): Promise<Reply> {
		const headers: Record<string, string> = { 'Accept-Language': document.documentElement.lang, ...more };
		if (body !== undefined) headers['Content-Type'] = 'application/json';
		if (session) headers['Authorization'] = `Bearer ${session.token}`;
		const text = body === undefined ? null : JSON.stringify(body);
		const small = text === null ? null : await packed(text);
		if (small === null) return this.sent(method, path, text, headers);
		try {
			return await this.sent(method, path, small, { ...headers, 'Content-Encoding': 'gzip' });
		} catch (error) {
			if (!(error instanceof Refusal) || !UNREAD.includes(error.status)) throw error;
			return this.sent(method, path, text, headers);
		}
	}

	private async sent(
		method: string,
		path: string,
		body: string | ArrayBuffer | null,
		headers: Readonly<Record<string, string>>,
	): Promise<Reply> {
		let response: Response;
		let bytes: ArrayBuffer;
		try {
			const size = typeof body === 'string' ? body.length : (body?.byteLength ?? 0);
			const patience = PATIENCE + Math.ceil(size / SLOWEST);
			response = await fetch(path, { method, headers, body, signal: AbortSignal.timeout(patience) });
			bytes = await response.arrayBuffer();
		} catch (error) {
			throw new Unreached(error instanceof Error ? error.message : String(error));
		}
		const text = new TextDecoder().decode(bytes);
		const isJson = (response.headers.get('Content-Type') ?? '').includes('json');
		if (response.ok) {
			return { status: response.status, headers: response.headers, body: isJson && text ? JSON.parse(text) : text, bytes };
		}
		const problem = isJson ? (JSON.parse(text) as Record<string, unknown>) : { title: response.statusText };
		throw new Refusal(response.status, problem, restOf(response.headers.get('Retry-After')));
	}
}

/** The SHA-256 of bytes, in hexadecimal digits. */
export async function hashOf(bytes: ArrayBuffer): Promise<string> {
	const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
	return Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
