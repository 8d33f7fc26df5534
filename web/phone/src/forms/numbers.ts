/** What a Chinese keyboard writes, as the form takes it. */

/** Full-width letters, digits and signs as plain ones: Ｘ → X, １２ → 12, （） stay as they are. */
function narrow(text: string): string {
	return text.replace(/[０-９Ａ-Ｚａ-ｚ＋－．]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) - 0xfee0));
}

/** Turns what was typed into a number's own letters: full-width digits, point and sign; no blanks. */
export function plainNumber(text: string): string {
	return narrow(text)
		.replace(/[。・·]/g, '.')
		.replace(/[—−–]/g, '-')
		.replace(/(?<=\d)[，,](?=\d{3}(\D|$))/g, '')
		.replace(/\s/g, '')
		.replace(/^\+/, '')
		.replace(/^(-?)\./, '$10.')
		.replace(/\.$/, '');
}

/** Turns a phone number or a code into plain letters; the last letter of an identity number is an upper-case X. */
export function plainCode(text: string): string {
	return narrow(text)
		.replace(/[—−–]/g, '-')
		.replace(/　/g, ' ')
		.trim()
		.replace(/^(\d+)x$/, '$1X');
}

/** Tells whether a text is a number as the form takes it; never `0x10` or `1e3`, which the engine would read. */
export function isNumber(text: string, whole: boolean): boolean {
	return (whole ? /^-?\d{1,9}$/ : /^-?\d{1,12}(\.\d{1,9})?$/).test(text);
}
