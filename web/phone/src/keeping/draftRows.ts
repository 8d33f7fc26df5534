/** Drafts as they lie on the disk: what finds one in clear, what was filled in sealed. */
import type { DraftHead, DraftRow, StoredDraft } from './database';
import { openJson, openText, sealJson, sealText } from './vault';

/** Seals a draft; to be awaited before the transaction that keeps it. */
export async function sealedDraft(row: DraftRow): Promise<StoredDraft> {
	const { xml, before, inherited, earlier, unfit, ...head } = row;
	return {
		...head,
		xml: xml === null ? null : await sealText(xml),
		rest: await sealJson({ before, inherited, earlier, unfit }),
	};
}

/** Opens a draft; one that an older version left in clear is read as it is. */
export async function openedDraft(stored: StoredDraft): Promise<DraftRow> {
	const { xml, rest, ...head } = stored;
	const opened = rest === undefined ? {} : ((await openJson(rest)) as Omit<DraftRow, keyof DraftHead | 'xml'>);
	return { ...head, ...opened, xml: xml === null ? null : await openText(xml) };
}
