/**
 * Writes captured files: a worker of its own, because only there a browser writes to its disk at once.
 *
 * Each request is answered when its bytes are flushed. A piece that did not fit is taken back whole, so that what is
 * in a file can always be read.
 */

/** What the type library for pages leaves out. */
export interface AccessHandle {
	getSize(): number;
	write(bytes: Uint8Array, options: { at: number }): number;
	truncate(size: number): void;
	flush(): void;
	close(): void;
}

export interface Request {
	readonly id: number;
	readonly folder: string;
	readonly name: string;
	/** Nothing: the file is closed. */
	readonly bytes: Uint8Array<ArrayBuffer> | null;
}

export interface Answer {
	readonly id: number;
	/** The name and text of what went wrong. */
	readonly error: { readonly name: string; readonly message: string } | null;
}

const open = new Map<string, AccessHandle>();
let line: Promise<void> = Promise.resolve();

addEventListener('message', ({ data }: MessageEvent<Request>) => {
	line = line.then(async () => {
		let error: Answer['error'] = null;
		try {
			await (data.bytes === null ? close(data.name) : append(data, data.bytes));
		} catch (problem) {
			const { name, message } = problem as Error;
			error = { name, message };
		}
		postMessage({ id: data.id, error } satisfies Answer);
	});
});

async function append({ folder, name }: Request, bytes: Uint8Array): Promise<void> {
	const file = open.get(name) ?? (await begin(folder, name));
	const end = file.getSize();
	try {
		if (file.write(bytes, { at: end }) !== bytes.length) throw new DOMException('short write', 'QuotaExceededError');
		file.flush();
	} catch (error) {
		file.truncate(end);
		throw error;
	}
}

async function begin(folder: string, name: string): Promise<AccessHandle> {
	const root = await navigator.storage.getDirectory();
	const inside = await root.getDirectoryHandle(folder, { create: true });
	const handle = await inside.getFileHandle(name, { create: true });
	const file = await (handle as unknown as { createSyncAccessHandle(): Promise<AccessHandle> }).createSyncAccessHandle();
	open.set(name, file);
	return file;
}

async function close(name: string): Promise<void> {
	open.get(name)?.close();
	open.delete(name);
}
