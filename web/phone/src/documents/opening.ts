/** Opening a record to read: its document, the exact text of it, and that text's name. */
import { openForm } from '../forms/engine';
import { phone } from '../phone';
import { documentOf, type RecordDocument } from './recordDocument';
import { textHash, textOf } from './signedText';

export interface OpenDocument {
	readonly document: RecordDocument;
	readonly text: string;
	/** SHA-256 of the text in hexadecimal. */
	readonly sha256: string;
	readonly isSealed: boolean;
}

export async function openDocument(record: string): Promise<OpenDocument> {
	const read = await phone.readRecord(record);
	const root = await openForm(read);
	const head = { title: read.title.split(' / ')[0]!, version: read.version, record: read.record, task: read.task };
	const document = documentOf(root, head, read.hashes);
	const text = textOf(document);
	return { document, text, sha256: await textHash(text), isSealed: read.isSealed };
}

/** What the code on a document says: which record it is of, and the name of the text that was signed. */
export function codeOf({ document, sha256 }: OpenDocument): string {
	return `merestone:record:${document.head.record}:task:${document.head.task}:sha256:${sha256}`;
}
