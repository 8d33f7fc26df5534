/** Hands a file to another application; where the browser can't, it is saved. */
export async function handOver(file: File): Promise<void> {
	if (navigator.canShare?.({ files: [file] })) {
		await navigator.share({ files: [file] }).catch(() => undefined); // somebody thought better of it
		return;
	}
	const link = document.createElement('a');
	link.href = URL.createObjectURL(file);
	link.download = file.name;
	link.click();
	setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** A name for an export: whose it is, and when it was made. */
export function exportName(who: string, ending: string): string {
	return `界石-${who}-${new Date().toISOString().slice(0, 16).replaceAll(':', '')}.${ending}`;
}
