/** How a captured file's name ends, by its media type. */
const ENDINGS: Readonly<Record<string, string>> = {
	'image/jpeg': '.jpg',
	'image/png': '.png',
	'audio/webm': '.webm',
	'audio/mp4': '.m4a',
	'audio/ogg': '.ogg',
	'video/webm': '.webm',
	'video/mp4': '.mp4',
};

/** The ending of a file that was captured here, or of the name under which it was chosen. */
export function extensionOf(type: string, name = ''): string {
	return /\.[A-Za-z0-9]{1,8}$/.exec(name)?.[0] ?? ENDINGS[type] ?? '';
}

/** A media type without its parameters. */
export function bareType(type: string): string {
	return type.split(';')[0]!.trim();
}
