/** Captured files on the browser's own disk: written by a worker, read here. */
import type { Answer, Request } from './diskWorker';
import { framed, framesOf, type Frame } from './frames';
import type { Piece, Place } from './places';

const PATIENCE = 10_000; // milliseconds that a disk may take to answer for the first time

export class Disk implements Place {
	readonly kind = 'disk';
	private readonly waiting = new Map<number, { kept: () => void; failed: (error: Error) => void }>();
	private asked = 0;

	private constructor(
		private readonly folder: string,
		private readonly worker: Worker,
	) {
		worker.onmessage = ({ data }: MessageEvent<Answer>) => {
			const { kept, failed } = this.waiting.get(data.id)!;
			this.waiting.delete(data.id);
			if (data.error === null) kept();
			else failed(new DOMException(data.error.message, data.error.name));
		};
	}

	/** A folder on this browser's disk; null where it has none or none that a worker can write to at once. */
	static async open(folder: string): Promise<Disk | null> {
		if (!navigator.storage?.getDirectory || typeof Worker === 'undefined') return null;
		const disk = new Disk(folder, new Worker(new URL('./diskWorker.ts', import.meta.url), { type: 'module' }));
		const probe = `probe-${crypto.randomUUID()}`;
		try {
			const answered = disk.append(probe, { at: 0, size: 1 }, new Uint8Array([1])).then(() => disk.remove(probe));
			await Promise.race([answered, new Promise((_, reject) => setTimeout(reject, PATIENCE))]);
			return disk;
		} catch {
			disk.worker.terminate();
			return null;
		}
	}

	/** Lets the worker go; nothing can be written afterwards. */
	end(): void {
		this.worker.terminate();
	}

	append(name: string, { size }: Piece, sealed: Uint8Array<ArrayBuffer>): Promise<void> {
		return this.ask(name, framed(size, sealed));
	}

	close(name: string): Promise<void> {
		return this.ask(name, null);
	}

	async pieces(name: string): Promise<readonly Frame[]> {
		const file = await this.file(name);
		return file === null ? [] : framesOf(file);
	}

	async read(name: string, piece: Piece): Promise<Uint8Array<ArrayBuffer>> {
		const { from, to } = piece as Frame;
		const file = (await this.file(name))!;
		return new Uint8Array(await file.slice(from, to).arrayBuffer());
	}

	async remove(name: string): Promise<void> {
		await this.close(name);
		try {
			await (await this.inside()).removeEntry(name);
		} catch (error) {
			if ((error as Error).name !== 'NotFoundError') throw error;
		}
	}

	async names(): Promise<readonly string[]> {
		const names: string[] = [];
		const inside = (await this.inside()) as unknown as { keys(): AsyncIterable<string> };
		for await (const name of inside.keys()) names.push(name);
		return names;
	}

	private ask(name: string, bytes: Request['bytes']): Promise<void> {
		const id = (this.asked += 1);
		return new Promise((kept, failed) => {
			this.waiting.set(id, { kept, failed });
			const request: Request = { id, folder: this.folder, name, bytes };
			this.worker.postMessage(request, bytes === null ? [] : [bytes.buffer]);
		});
	}

	private async inside(): Promise<FileSystemDirectoryHandle> {
		return (await navigator.storage.getDirectory()).getDirectoryHandle(this.folder, { create: true });
	}

	private async file(name: string): Promise<File | null> {
		try {
			return await (await (await this.inside()).getFileHandle(name)).getFile();
		} catch (error) {
			if ((error as Error).name === 'NotFoundError') return null;
			throw error;
		}
	}
}
