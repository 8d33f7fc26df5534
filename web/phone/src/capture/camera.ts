/** The camera as a stream to look at and photos as full as it gives them. */
import { exifOf, withExif } from './exif';

const QUALITY = 0.92;
const PATIENCE = 5000; // milliseconds; some cameras never answer for a photo in full
const LOOK = { width: { ideal: 3840 }, height: { ideal: 2160 } };

export type Facing = 'environment' | 'user';

/** What the type library leaves out. */
interface StillCamera {
	takePhoto(settings?: { imageWidth: number; imageHeight: number }): Promise<Blob>;
	getPhotoCapabilities(): Promise<{ imageWidth?: { max: number }; imageHeight?: { max: number } }>;
}
interface Torch {
	torch?: boolean;
}

export class Camera {
	private readonly still: StillCamera | null;
	private readonly track: MediaStreamTrack;

	private constructor(
		readonly stream: MediaStream,
		readonly facing: Facing,
	) {
		this.track = stream.getVideoTracks()[0]!;
		const made = (globalThis as { ImageCapture?: new (track: MediaStreamTrack) => StillCamera }).ImageCapture;
		this.still = made ? new made(this.track) : null;
	}

	/** Raises what the browser raises where there is no camera or it may not be used. */
	static async open(facing: Facing): Promise<Camera> {
		return new Camera(await navigator.mediaDevices.getUserMedia({ video: { facingMode: facing, ...LOOK } }), facing);
	}

	get hasTorch(): boolean {
		return (this.track.getCapabilities?.() as Torch | undefined)?.torch === true;
	}

	async light(on: boolean): Promise<void> {
		await this.track.applyConstraints({ advanced: [{ torch: on } as MediaTrackConstraintSet] });
	}

	/** One photo as the camera gives it, its longer edge at most `most` pixels; `view` shows the stream. */
	async photo(view: HTMLVideoElement, most: number | null): Promise<Blob> {
		const photo = (await this.full(most)) ?? (await shown(view));
		return most === null ? photo : reduced(photo, most);
	}

	private async full(most: number | null): Promise<Blob | null> {
		if (this.still === null) return null;
		try {
			const { imageWidth, imageHeight } = await this.still.getPhotoCapabilities();
			const settings = fitting(imageWidth?.max ?? 0, imageHeight?.max ?? 0, most);
			const late = new Promise<null>((resolve) => setTimeout(() => resolve(null), PATIENCE));
			return await Promise.race([this.still.takePhoto(settings), late]);
		} catch {
			return null;
		}
	}

	close(): void {
		this.stream.getTracks().forEach((track) => track.stop());
	}
}

/** The size to ask of a camera, so that its photo needs no making smaller and keeps what the camera writes. */
export function fitting(width: number, height: number, most: number | null): { imageWidth: number; imageHeight: number } | undefined {
	const longer = Math.max(width, height);
	if (longer === 0) return undefined;
	const share = Math.min(1, (most ?? longer) / longer);
	return { imageWidth: Math.floor(width * share), imageHeight: Math.floor(height * share) };
}

/** A photo with its longer edge at most so many pixels; one that fits stays as it is, byte for byte. */
export async function reduced(photo: Blob, most: number): Promise<Blob> {
	const picture = await createImageBitmap(photo);
	const share = most / Math.max(picture.width, picture.height);
	if (share >= 1) return photo;
	const canvas = document.createElement('canvas');
	canvas.width = Math.round(picture.width * share);
	canvas.height = Math.round(picture.height * share);
	canvas.getContext('2d')!.drawImage(picture, 0, 0, canvas.width, canvas.height);
	picture.close();
	const smaller = await jpeg(canvas);
	const exif = exifOf(new Uint8Array(await photo.arrayBuffer()));
	return exif ? withExif(new Uint8Array(await smaller.arrayBuffer()), exif) : smaller;
}

/** What a video shows at this moment. */
async function shown(view: HTMLVideoElement): Promise<Blob> {
	const canvas = document.createElement('canvas');
	canvas.width = view.videoWidth;
	canvas.height = view.videoHeight;
	canvas.getContext('2d')!.drawImage(view, 0, 0);
	return jpeg(canvas);
}

function jpeg(canvas: HTMLCanvasElement): Promise<Blob> {
	return new Promise((resolve, reject) => {
		canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('JPEG'))), 'image/jpeg', QUALITY);
	});
}
