/** Turns what a Chinese keyboard writes into what a number is: full-width digits, point, sign; no blanks. */
export function plainNumber(text: string): string {
	return text
		.replace(/[０-９]/g, (digit) => String.fromCharCode(digit.charCodeAt(0) - 0xfee0))
		.replace(/[．。]/g, '.')
		.replace(/[－—−]/g, '-')
		.replace(/[，,\s]/g, '');
}

/** Tells whether a text is a number as the form takes it; never `0x10` or `1e3`, which the engine would read. */
export function isNumber(text: string, whole: boolean): boolean {
	return (whole ? /^-?\d{1,9}$/ : /^-?\d{1,12}(\.\d{1,9})?$/).test(text);
}
