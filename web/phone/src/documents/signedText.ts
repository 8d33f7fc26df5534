/**
 * The exact text that is shown at signing and hashed: whoever signs, signs these characters.
 *
 * Plain UTF-8 with `\n` between lines. It is made anew from the answers wherever it is needed, and two phones with
 * the same answers make the same text. docs/phone.md tells it line by line.
 */
import type { RootNode } from '@getodk/xforms-engine';
import { documentOf, type Head, type RecordDocument } from './recordDocument';

const NUMERALS = ['', '一', '二', '三', '四', '五', '六', '七', '八', '九'];

/** Writes what is signed of a form as it is filled in now. `hashes`: SHA-256 in hexadecimal by the names of files. */
export function signedText(root: RootNode, head: Head, hashes: ReadonlyMap<string, string>): string {
	return textOf(documentOf(root, head, hashes));
}

/** Writes a document as the text that is signed. */
export function textOf(document: RecordDocument): string {
	const { head } = document;
	const lines = ['现场检查记录', `${head.title}（${head.version}）`, `记录 ${head.record}`, `任务 ${head.task}`];
	document.sections.forEach((section, place) => {
		lines.push('', `${numeral(place + 1)}、${section.title}`);
		for (const line of section.lines) {
			const space = '　'.repeat(line.depth);
			lines.push(line.label === '' ? `${space}${line.text}` : `${space}${line.label}：${line.text}`);
		}
	});
	return lines.join('\n').normalize('NFC');
}

/** Names a text: its SHA-256 in hexadecimal. */
export async function textHash(text: string): Promise<string> {
	const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)));
	return Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Numbers a section as Chinese documents do; up to 99. */
export function numeral(number: number): string {
	const tens = Math.floor(number / 10);
	const ones = NUMERALS[number % 10]!;
	if (tens === 0) return ones;
	return `${tens === 1 ? '' : NUMERALS[tens]}十${ones}`;
}
