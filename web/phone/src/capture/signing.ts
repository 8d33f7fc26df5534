/** What is signed, and how a signature is bound to it. */
import type { RootNode } from '@getodk/xforms-engine';
import type { BasicPoint } from 'signature_pad';
import { signedText, textHash } from '../documents/signedText';
import type { KeptFile } from '../keeping/keptFile';
import { phone, type OpenDraft } from '../phone';
import { withText } from './pngText';

/** How the names of signatures end. */
export const SIGNATURE = '.sign.png';

/** Under which keyword a signature's PNG holds its strokes and the text that was signed. */
const KEYWORD = 'Merestone signature';

/** The text that is shown to whoever signs a draft as it is filled in now. */
export async function textToSign(root: RootNode, { row, title }: OpenDraft): Promise<string> {
	const rows = await (await phone.files).rowsOf(row.record);
	const head = { title: title.split(' / ')[0]!, version: row.version, record: row.record, task: row.task };
	return signedText(root, head, new Map([...(row.inherited ?? []), ...rows].map((file) => [file.name, file.sha256])));
}

/** Whether a signature stands under this very text. */
export async function wasSigned(file: KeptFile, text: string): Promise<boolean> {
	return file.told.signed?.sha256 === (await textHash(text));
}

/**
 * A signature's picture with the strokes as drawn and the text under which they stand.
 *
 * A stroke is a list of points: x and y in pixels of the pad, pressure from 0 to 1, milliseconds since the first point.
 */
export async function boundSignature(png: Blob, text: string, strokes: readonly (readonly BasicPoint[])[]): Promise<Blob> {
	const began = strokes[0]?.[0]?.time ?? 0;
	const drawn = strokes.map((stroke) => stroke.map(({ x, y, pressure, time }) => [tenth(x), tenth(y), pressure, time - began]));
	const signed = { v: 1, sha256: await textHash(text), text, strokes: drawn };
	return withText(png, KEYWORD, JSON.stringify(signed));
}

function tenth(pixels: number): number {
	return Math.round(pixels * 10) / 10;
}
