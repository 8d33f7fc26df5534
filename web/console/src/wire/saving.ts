/** Bytes that become a file of whoever sits here. */
import { blob } from './door';

export function saveAs(bytes: Blob, name: string): void {
	const address = URL.createObjectURL(bytes);
	Object.assign(document.createElement('a'), { href: address, download: name }).click();
	URL.revokeObjectURL(address);
}

/** Asks for a file and saves it. */
export async function saveFrom(path: string, name: string): Promise<void> {
	saveAs(await blob(path), name);
}
