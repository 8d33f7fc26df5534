/** Files on their way, by tus: resumed where the server stands, whatever happened in between. */
import { Upload, type DetailedError, type HttpRequest } from 'tus-js-client';
import type { Database } from '../keeping/database';
import { keptFileReader, Unreadable, type KeptFile } from '../keeping/keptFile';
import { Refusal, restOf, Unreached, type Door } from './door';

const CHUNK = 2_000_000; // bytes
const BEGIN_ANEW = [404, 410, 460];
const STANDS_ELSEWHERE = 409;

/**
 * Uploads one kept file; resolves when the server has all of it. `told` hears how many bytes have gone. Raises Refusal
 * and Unreached, as a door does, and Unreadable.
 *
 * Where an upload stands is kept beside the files: after a crash it goes on there. Nothing is tried again here, so
 * that the rests are the reducer's.
 */
export async function upload(database: Database, door: Door, file: KeptFile, told: (sent: number) => void): Promise<void> {
	const name = `upload ${file.sha256}`;
	const address = async () => (await database.told.get(name))?.value as string | undefined;
	const keep = async (url: string) => void (await database.told.put({ name, value: url }));
	try {
		await send(door, file, await address(), keep, told).catch(async (error: unknown) => {
			// It stands elsewhere, as where the server has the file already: it goes on where the server says.
			if (!(error instanceof Refusal) || error.status !== STANDS_ELSEWHERE) throw error;
			await send(door, file, await address(), keep, told);
		});
	} catch (error) {
		// What the server no longer has of an upload is no reason to look for it there again.
		if (error instanceof Refusal && BEGIN_ANEW.includes(error.status)) await database.told.delete(name);
		throw error;
	}
	await database.told.delete(name);
}

function send(
	door: Door,
	file: KeptFile,
	address: string | undefined,
	keep: (url: string) => Promise<void>,
	told: (sent: number) => void,
): Promise<void> {
	const authorize = async (request: HttpRequest) =>
		request.setHeader('Authorization', `Bearer ${(await door.session())?.token}`);
	return new Promise((resolve, reject) => {
		const sending: Upload = new Upload(file as unknown as Blob, {
			fileReader: keptFileReader,
			// With an address to go on at there is no endpoint: on a refusal it would begin again at byte 0.
			...(address === undefined ? { endpoint: '/api/v1/media' } : { uploadUrl: address }),
			chunkSize: CHUNK,
			retryDelays: null,
			storeFingerprintForResuming: false,
			metadata: { filename: file.name, filetype: file.type, sha256: file.sha256, record: file.record },
			onBeforeRequest: authorize,
			onUploadUrlAvailable: () => keep(sending.url!),
			onProgress: (sent) => told(sent),
			onSuccess: () => resolve(),
			onError: (error) => reject(asRefusal(error)),
		});
		sending.start();
	});
}

function asRefusal(error: Error | DetailedError): Error {
	if ('causingError' in error && error.causingError instanceof Unreadable) return error.causingError;
	const response = 'originalResponse' in error ? error.originalResponse : null;
	if (!response || response.getStatus() === 0) return new Unreached(error.message);
	let problem: Record<string, unknown> = {};
	try {
		problem = JSON.parse(response.getBody()) as Record<string, unknown>;
	} catch {
		// Answers to HEAD have no body.
	}
	return new Refusal(response.getStatus(), problem, restOf(response.getHeader('Retry-After')));
}
