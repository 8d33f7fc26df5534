/** Files of records as addresses that an element can show. They are asked for with the session's token, and let go of when they are not needed. */
import { blob } from '../wire/door';

const MOST = 60;
const kept = new Map<string, Promise<string>>();

/** The address of a file's bytes, or of what was made of them: `preview`, `thumbnail`, `poster`, `playable`. */
export function addressOf(sha256: string, what?: 'preview' | 'thumbnail' | 'poster' | 'playable'): Promise<string> {
	return keep(what ? `media/${sha256}/${what}` : `media/${sha256}`);
}

export function stampedCopy(record: string, name: string, rev: string): Promise<string> {
	return keep(`records/${record}/media/${encodeURIComponent(name)}/stamped?rev=${encodeURIComponent(rev)}`);
}

function keep(path: string): Promise<string> {
	let address = kept.get(path);
	if (address) kept.delete(path);
	else address = blob(path).then((bytes) => URL.createObjectURL(bytes));
	address.catch(() => kept.delete(path));
	kept.set(path, address); // at the end: the oldest goes first
	if (kept.size > MOST) {
		const [oldest, gone] = kept.entries().next().value as [string, Promise<string>];
		kept.delete(oldest);
		void gone.then((url) => URL.revokeObjectURL(url)).catch(() => undefined);
	}
	return address;
}
