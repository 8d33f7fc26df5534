/**
 * Brings a pack of maps onto this phone's disk: a worker of its own, because only there a browser writes at once.
 *
 * What came is on the disk after every few megabytes, and a download that was cut off goes on from there. Where the
 * pack on the server is another one by now, it begins anew.
 */

import type { AccessHandle } from '../keeping/diskWorker';

export interface Fetching {
	readonly url: string;
	readonly token: string;
	readonly folder: string;
	readonly file: string;
	readonly size: number;
	readonly etag: string;
}

export interface Progress {
	readonly held: number;
	readonly error: string | null;
	readonly isOver: boolean;
}

const FLUSH = 4_000_000; // bytes between two moments at which all that came is on the disk

addEventListener('message', ({ data }: MessageEvent<Fetching>) => void bring(data));

async function bring(fetching: Fetching): Promise<void> {
	const root = await navigator.storage.getDirectory();
	const folder = await root.getDirectoryHandle(fetching.folder, { create: true });
	const handle = await folder.getFileHandle(fetching.file, { create: true });
	const access = await (handle as unknown as { createSyncAccessHandle(): Promise<AccessHandle> }).createSyncAccessHandle();
	let error: string | null = null;
	try {
		if (access.getSize() !== fetching.size) await take(fetching, access);
	} catch (problem) {
		error = problem instanceof Error ? problem.message : String(problem);
	} finally {
		access.flush();
		tell(access.getSize(), error, true);
		access.close();
	}
}

async function take({ url, token, etag }: Fetching, access: AccessHandle): Promise<void> {
	let at = access.getSize();
	const response = await fetch(url, { headers: { Authorization: `Bearer ${token}`, Range: `bytes=${at}-`, 'If-Range': `"${etag}"` } });
	if (!response.ok || response.body === null) throw new Error(`${response.status} ${response.statusText}`);
	if (response.status !== 206) {
		at = 0;
		access.truncate(0);
	}
	let flushed = at;
	for (const reader = response.body.getReader(); ; ) {
		const { done, value } = await reader.read();
		if (done) return;
		access.write(value, { at });
		at += value.length;
		if (at - flushed >= FLUSH) {
			access.flush();
			flushed = at;
		}
		tell(at, null, false);
	}
}

function tell(held: number, error: string | null, isOver: boolean): void {
	postMessage({ held, error, isOver } satisfies Progress);
}
