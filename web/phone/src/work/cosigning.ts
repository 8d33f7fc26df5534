/** Co-signing (会签): a second inspector vouches, with the key of an own phone, for exactly what the first one sealed. */
import type { SealedOp } from '../../../sync/sealing.ts';
import type { Home } from '../home/home';
import { keyId, publicJwk, signed } from '../keeping/device';

/** The only role that counts; see docs/protocol.md, "Signatures". */
export const ROLE = 'co_inspector';

/** The version that this person may co-sign: the only head of an open record of a colleague, not co-signed here yet. */
export function cosignable(home: Home, record: string): string | null {
	const body = home.body('record', record);
	const heads = (body?.['heads'] as readonly string[] | undefined) ?? [];
	const [head] = heads;
	if (heads.length !== 1 || head === undefined || body?.['state'] !== 'open' || body['author'] === home.person.id) return null;
	const { ops, stubs } = home.state.value;
	const isDone = [...ops, ...stubs.values()].some((op) => op.kind === 'attest' && op.rev === head);
	const isOurs = ops.some((op) => op.record === record && op.kind === 'revision');
	const onTask = (home.body('task', body['task'])?.['inspectors'] as readonly { id: string; role: string }[] | undefined) ?? [];
	const mayCount = onTask.some((each) => each.id === home.person.id && ['lead', 'assisting'].includes(each.role));
	return isDone || isOurs || !mayCount ? null : head;
}

/** Seals a co-signature: from now on it is an operation of the outbox. Raises when this phone can't keep a key. */
export async function cosign(home: Home, record: string, rev: string): Promise<void> {
	if (home.key === null) throw new Error('本机无法保存签名密钥，不能会签。 This phone keeps no key to sign with.');
	const key = await keyId(await publicJwk(home.key));
	const op = crypto.randomUUID();
	const sig = await signed(home.key, new TextEncoder().encode(['attest', rev, ROLE].join('\0')));
	const sealed: SealedOp = {
		op,
		kind: 'attest',
		rev,
		content: await contentOf(rev, key),
		item: { op, kind: 'attest', rev, role: ROLE, alg: 'ES256', key, sig },
		record,
		task: (home.body('record', record)?.['task'] as string | undefined) ?? null,
		media: [],
		ours: true,
	};
	await home.happen({ type: 'Sealed', op: sealed });
}

/** What an answer to a co-signature must name. */
async function contentOf(rev: string, key: string): Promise<string> {
	const bytes = new TextEncoder().encode(['attest', rev, ROLE, key].join('\0'));
	const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
	return `sha256:${Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}
