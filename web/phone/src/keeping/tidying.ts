/** What is done about captured files when the application starts: what nothing names any more goes. */
import type { PhoneState } from '../../../sync/phoneState.ts';
import type { Files } from './files';

const DAY = 86_400_000; // milliseconds

/** How long a capture stays that no answer took: somebody may still ask for it. */
const KEPT_ASIDE = 14 * DAY;

/** Sweeps; gives the names of the files that went. `state` tells the newest state. */
export async function tidy(files: Files, state: () => PhoneState): Promise<string[]> {
	const since = new Date(Date.now() - KEPT_ASIDE).toISOString();
	// All files of a record that is being filled in stay, also those that no answer has taken yet. Drafts and
	// operations are asked of one state: a record is in one of them at any time.
	return files.sweep(({ record, sha256 }) => {
		const { drafts, ops, mediaWanted } = state();
		return drafts.has(record) || mediaWanted.has(sha256) || ops.some((op) => op.media.includes(sha256));
	}, since);
}
