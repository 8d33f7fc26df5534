/** Moments as forms hold them: with the offset of this phone's clock, because a moment without one means nothing. */

const two = (number: number) => String(Math.trunc(Math.abs(number))).padStart(2, '0');

/** A moment for a form: `2026-11-26T09:05:00.000+08:00`. */
export function formMoment(moment: Date): string {
	const minutes = -moment.getTimezoneOffset();
	const local = new Date(moment.getTime() + minutes * 60_000).toISOString().slice(0, -1);
	return `${local}${minutes < 0 ? '-' : '+'}${two(minutes / 60)}:${two(minutes % 60)}`;
}

/** A moment of a form as a native picker wants it: by this phone's clock, to the minute. */
export function pickerMoment(text: string): string {
	return text === '' ? '' : formMoment(new Date(text)).slice(0, 16);
}
