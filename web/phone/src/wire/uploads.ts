/** Files on their way, by tus: resumed where the server stands, whatever happened in between. */
import { Upload, type HttpRequest } from 'tus-js-client';
import { keptFileReader, type KeptFile } from '../keeping/keptFile';
import type { Door } from './door';

const CHUNK = 4_000_000;
const DELAYS = [0, 2000, 5000, 15_000, 30_000];

/** Uploads one kept file; resolves when the server has all of it. `told` hears how many bytes have gone. */
export async function upload(door: Door, file: KeptFile, told: (sent: number) => void): Promise<void> {
	const authorize = async (request: HttpRequest) =>
		request.setHeader('Authorization', `Bearer ${(await door.session())?.token}`);
	await new Promise<void>((resolve, reject) => {
		const sending = new Upload(file as unknown as Blob, {
			fileReader: keptFileReader,
			endpoint: '/api/v1/media',
			chunkSize: CHUNK,
			retryDelays: DELAYS,
			removeFingerprintOnSuccess: true,
			fingerprint: async () => `merestone-${file.sha256}`,
			metadata: { filename: file.name, filetype: file.type, sha256: file.sha256, record: file.record },
			onBeforeRequest: authorize,
			onShouldRetry: (error, attempt) => {
				const status = error.originalResponse?.getStatus() ?? 0;
				return status === 0 || status === 409 || status === 423 || (status >= 500 && attempt < DELAYS.length);
			},
			onProgress: (sent) => told(sent),
			onSuccess: () => resolve(),
			onError: (error) => reject(error),
		});
		void sending.findPreviousUploads().then(([earlier]) => {
			if (earlier) sending.resumeFromPreviousUpload(earlier);
			sending.start();
		});
	});
}
