/** Sealing a record: the exact bytes that are named, signed and sent (docs/protocol.md, "Revision bytes"). */
import type { SealedOp } from '../../sync/sealing.ts';
import type { Measurement } from './capture/averaging';
import type { Fix } from './capture/captured';
import type { DraftRow, MediaEntry } from './keeping/database';
import { base64, signed } from './keeping/device';
import type { KeptFile } from './keeping/keptFile';
import type { Declarations } from './work/declarations';

export interface Sealing {
	readonly row: DraftRow;
	readonly xml: string;
	readonly measurements: readonly Measurement[];
	readonly files: readonly KeptFile[];
	/** Files of the version that is corrected, which this one still refers to; their bytes were sent before. */
	readonly inherited: readonly MediaEntry[];
	readonly author: string;
	readonly device: string;
	readonly devSeq: number;
	readonly lastRev: string | null;
	readonly key: CryptoKeyPair | null;
	readonly keyId: string | null;
	readonly mono: number;
	readonly boot: string;
	readonly beacon: { readonly beacon: string; readonly mono: number; readonly boot: string } | null;
	/** What was declared before the inspection; reviewers see it. */
	readonly declarations: Declarations;
}

export async function sealRevision(sealing: Sealing): Promise<SealedOp> {
	const { row } = sealing;
	const bytes = new TextEncoder().encode(JSON.stringify(revision(sealing)));
	const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
	const rev = `sha256:${Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
	const op = crypto.randomUUID();
	const signature = sealing.key && {
		alg: 'ES256',
		key: sealing.keyId,
		sig: await signed(sealing.key, bytes),
	};
	return {
		op,
		kind: 'revision',
		rev,
		content: rev,
		item: { op, kind: 'revision', rev, bytes: base64(bytes), ...signature },
		record: row.record,
		task: row.task,
		media: [...sealing.inherited, ...sealing.files].map((file) => file.sha256),
		ours: true,
	};
}

function revision(sealing: Sealing): object {
	const { row, beacon } = sealing;
	return {
		v: 1,
		record: row.record,
		parents: row.parents,
		task: row.task,
		form: row.form,
		form_version: row.version,
		author: sealing.author,
		device: sealing.device,
		dev_seq: sealing.devSeq,
		prev_dev_rev: sealing.lastRev,
		time: {
			wall: new Date().toISOString(),
			mono: sealing.mono,
			boot: sealing.boot,
			beacon: beacon?.beacon ?? null,
			...(beacon?.boot === sealing.boot ? { beacon_mono: beacon.mono } : {}),
		},
		position: null,
		xml: sealing.xml,
		...(sealing.measurements.length > 0 ? { measurements: sealing.measurements } : {}),
		media: [...sealing.inherited, ...sealing.files.map((file) => ({
			name: file.name,
			sha256: file.sha256,
			size: file.size,
			type: file.type,
			captured_at: file.told.capturedAt,
			captured_mono: file.told.mono,
			captured_boot: file.told.boot,
			source: file.told.source,
			position: file.told.position && place(file.told.position),
			...(file.told.direction ? { direction: file.told.direction } : {}),
			...(file.told.signed ? { signed: file.told.signed } : {}),
		}))],
		...(declares(sealing.declarations) ? { declarations: sealing.declarations } : {}),
	};
}

function declares({ recusal, overrides, entry }: Declarations): boolean {
	return recusal.length + overrides.length > 0 || entry !== undefined;
}

/** A position without what the receiver did not tell. */
function place({ accuracy, ...position }: Fix): object {
	const told = { ...position, ...(accuracy > 0 ? { accuracy } : {}) };
	return Object.fromEntries(Object.entries(told).filter(([, value]) => value !== null));
}
