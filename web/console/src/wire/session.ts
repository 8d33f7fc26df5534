/**
 * Who is signed in. The access token lives in memory, the refresh token as long as the tab.
 *
 * A refresh token is good once: tabs that were made of one another share it, so the one that uses it does so under a
 * lock and tells the others what came of it.
 */
import { computed, ref } from 'vue';
import { refusal } from './refused';

export interface User {
	readonly id: string;
	readonly name: string;
	readonly username: string;
	readonly roles: readonly string[];
	readonly region: string;
}

interface Session {
	readonly token: string;
	readonly refresh: string;
	readonly user: User;
	readonly permissions: readonly string[];
}

const KEPT = 'session';
const heard = new BroadcastChannel('console-session');

export const session = ref<Session | null>(null);

/** Whether who is signed in may do something, by the names of `server/access.py`. */
export const may = computed(() => (permission: string): boolean => session.value?.permissions.includes(permission) ?? false);

export function access(): Record<string, string> {
	return session.value ? { Authorization: `Bearer ${session.value.token}` } : {};
}

export async function signIn(username: string, password: string): Promise<void> {
	await taken(await ask('/api/v1/session', { username, password }));
}

/** Takes up the session of this tab where it has one; false where somebody must sign in. */
export async function takeUp(): Promise<boolean> {
	return session.value !== null || (sessionStorage.getItem(KEPT) !== null && (await renew()));
}

/** Renews the session; false when it has ended. Raises TypeError where the server isn't reached. */
export function renew(): Promise<boolean> {
	const used = sessionStorage.getItem(KEPT);
	return navigator.locks.request(KEPT, async () => {
		const kept = sessionStorage.getItem(KEPT);
		if (!kept) return false;
		if (kept !== used && session.value) return true; // Another tab did it meanwhile.
		const answer = await ask('/api/v1/session/refresh', { refresh_token: kept });
		if (answer.status === 401) return false;
		await taken(answer, kept);
		return true;
	});
}

export async function signOut(): Promise<void> {
	await fetch('/api/v1/session', { method: 'DELETE', headers: access() }).catch(() => undefined);
	signOutHere();
}

export function signOutHere(): void {
	sessionStorage.removeItem(KEPT);
	session.value = null;
}

function ask(path: string, body: object): Promise<Response> {
	return fetch(path, { method: 'POST', headers: { 'Content-Type': 'application/json', Accept: 'application/json' }, body: JSON.stringify(body) });
}

async function taken(answer: Response, used: string | null = null): Promise<void> {
	if (!answer.ok) throw await refusal(answer);
	const opened = (await answer.json()) as { token: string; refresh_token: string; user: User };
	const permissions = session.value?.permissions ?? (await permissionsOf(opened.token));
	keep({ token: opened.token, refresh: opened.refresh_token, user: opened.user, permissions });
	if (used) heard.postMessage({ used, session: session.value && { ...session.value } });
}

async function permissionsOf(token: string): Promise<readonly string[]> {
	const answer = await fetch('/api/v1/me', { headers: { Authorization: `Bearer ${token}`, Accept: 'application/json' } });
	if (!answer.ok) throw await refusal(answer);
	return ((await answer.json()) as { permissions: string[] }).permissions;
}

function keep(opened: Session): void {
	session.value = opened;
	sessionStorage.setItem(KEPT, opened.refresh);
}

heard.onmessage = ({ data }: MessageEvent<{ used: string; session: Session }>) => {
	if (sessionStorage.getItem(KEPT) === data.used) keep(data.session);
};
