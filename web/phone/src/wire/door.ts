/**
 * The server's door: requests with a token that is renewed when it runs out, and refusals as errors with a code.
 *
 * Nothing here decides what a refusal means for the work on this phone; that is the reducer's.
 */
export interface Session {
	readonly token: string;
	readonly refresh_token: string;
	readonly expires_at: string;
	readonly user: { readonly id: string; readonly name: string; readonly username: string };
	readonly device?: { readonly id: string; readonly key_id: string };
	readonly epoch: string;
	readonly server_keys: readonly JsonWebKey[];
	readonly limits?: Readonly<Record<string, number>>;
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

export class Door {
	private refreshing: Promise<void> | null = null;

	constructor(
		private session: Session | null,
		private readonly keep: (session: Session | null) => Promise<void>,
	) {}

	get token(): string | null {
		return this.session?.token ?? null;
	}

	async signIn(username: string, password: string, device: object): Promise<Session> {
		const session = (await this.send('POST', '/api/v1/session', { username, password, device }, false)) as Session;
		this.session = session;
		await this.keep(session);
		return session;
	}

	async signOut(): Promise<void> {
		try {
			await this.ask('DELETE', '/api/v1/session');
		} finally {
			this.session = null;
			await this.keep(null);
		}
	}

	/** Asks and reads the answer as JSON; renews the token once when it ran out. Raises Refusal and Unreached. */
	async ask(method: string, path: string, body?: unknown): Promise<unknown> {
		try {
			return await this.send(method, path, body, true);
		} catch (error) {
			if (!(error instanceof Refusal) || error.code !== 'session.expired') throw error;
			await this.renew();
			return this.send(method, path, body, true);
		}
	}

	/** Renews the token; several who find it run out at once wait for one renewal. */
	async renew(): Promise<void> {
		this.refreshing ??= this.renewed().finally(() => (this.refreshing = null));
		return this.refreshing;
	}

	private async renewed(): Promise<void> {
		const given = { refresh_token: this.session?.refresh_token ?? '' };
		this.session = (await this.send('POST', '/api/v1/session/refresh', given, false)) as Session;
		await this.keep(this.session);
	}

	private async send(method: string, path: string, body: unknown, signed: boolean): Promise<unknown> {
		const headers: Record<string, string> = { 'Accept-Language': document.documentElement.lang };
		if (body !== undefined) headers['Content-Type'] = 'application/json';
		if (signed && this.session) headers['Authorization'] = `Bearer ${this.session.token}`;
		let response: Response;
		let text: string;
		try {
			response = await fetch(path, { method, headers, body: body === undefined ? null : JSON.stringify(body) });
			text = await response.text();
		} catch (error) {
			throw new Unreached(error instanceof Error ? error.message : String(error));
		}
		const isJson = (response.headers.get('Content-Type') ?? '').includes('json');
		if (response.ok) return isJson && text ? JSON.parse(text) : text;
		const problem = isJson ? (JSON.parse(text) as Record<string, unknown>) : { title: response.statusText };
		throw new Refusal(response.status, problem, 1000 * Number(response.headers.get('Retry-After') ?? 0));
	}
}
