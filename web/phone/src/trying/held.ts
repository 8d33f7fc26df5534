/** Files of a form that is tried out: in memory, as long as the page is open. */
import type { FileRow } from '../keeping/database';
import type { Beginning } from '../keeping/files';
import { KeptFile, type Vault } from '../keeping/keptFile';
import type { Place } from '../keeping/places';

type Held = Pick<Place, 'pieces' | 'read'>;

/** Nothing is sealed here, because nothing is kept. */
const OPEN: Vault = { seal: async (bytes) => bytes, open: async (bytes) => bytes };

export class HeldFiles {
	private readonly held = new Map<string, { readonly row: FileRow; readonly file: KeptFile }>();

	async keep({ record, type, extension, told }: Beginning, whole: Blob, later: Promise<object> | null = null): Promise<KeptFile> {
		const bytes = new Uint8Array(await whole.arrayBuffer());
		const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
		const row: FileRow = {
			name: `${crypto.randomUUID()}${extension}`,
			record,
			type,
			size: bytes.length,
			sha256: [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join(''),
			place: 'rows',
			began: new Date().toISOString(),
			told: new Uint8Array(),
		};
		const place: Held = { pieces: async () => [{ at: 0, size: bytes.length }], read: async () => bytes };
		const file = new KeptFile(row, { ...told, ...((await later) ?? {}) }, place as Place, OPEN);
		this.held.set(row.name, { row, file });
		return file;
	}

	async find(name: string): Promise<KeptFile | undefined> {
		return this.held.get(name)?.file;
	}

	async rowsOf(record: string): Promise<FileRow[]> {
		return [...this.held.values()].map(({ row }) => row).filter((row) => row.record === record);
	}
}
