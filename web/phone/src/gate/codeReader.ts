/** Reads QR codes: by the browser where it can, otherwise by a library that is fetched when somebody first scans. */

interface Reader {
	detect(image: ImageBitmapSource): Promise<readonly { readonly rawValue: string }[]>;
}
interface ReaderMaker {
	new (options: { formats: string[] }): Reader;
	getSupportedFormats(): Promise<readonly string[]>;
}

const FORMAT = 'qr_code';
const PAUSE = 150; // milliseconds between two looks: enough for a steady hand, and for a cheap phone

async function makeReader(): Promise<Reader> {
	const native = (globalThis as { BarcodeDetector?: ReaderMaker }).BarcodeDetector;
	// Some phones have the interface and nothing behind it.
	const formats = (await native?.getSupportedFormats().catch(() => [])) ?? [];
	if (native && formats.includes(FORMAT)) return new native({ formats: [FORMAT] });
	const { BarcodeDetector } = await import('qr/decode.js');
	return new BarcodeDetector({ formats: [FORMAT] });
}

/** Looks at a picture or a video until there is a code in it; null once `signal` ends it. */
export async function readCode(view: HTMLVideoElement, signal: AbortSignal): Promise<string | null> {
	const reader = await makeReader();
	while (!signal.aborted) {
		const [found] = view.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA ? await reader.detect(view).catch(() => []) : [];
		const text = found?.rawValue.trim();
		if (text) return text;
		await new Promise((resolve) => setTimeout(resolve, PAUSE));
	}
	return null;
}
