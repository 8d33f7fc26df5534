/** A recording on its way to the disk: each slice is there before the next one counts. */
import type { Beginning, Files } from '../keeping/files';
import type { Writing } from '../keeping/writing';
import type { KeptFile } from '../keeping/keptFile';
import { bareType, extensionOf } from './extensions';
import { mayRecord, roomNow } from './room';

const SLICE = 1000; // milliseconds
const LOOK_FOR_ROOM = 5; // slices

/** What a recording may be, best first; each phone knows one of them. */
const TYPES = {
	audio: ['audio/webm;codecs=opus', 'audio/mp4', 'audio/ogg;codecs=opus'],
	video: ['video/mp4;codecs=avc1.42E01E,mp4a.40.2', 'video/webm;codecs=vp8,opus', 'video/webm', 'video/mp4'],
} as const;

export interface Ending {
	/** Why a recording ended that nobody stopped. */
	readonly why: 'stopped' | 'takenAway' | 'full' | 'long';
	/** What was kept; null when not even one slice came. */
	readonly file: KeptFile | null;
}

export class Recording {
	/** Seconds that are on the disk. */
	seconds = 0;
	/** Resolves when the recording is a whole file. */
	readonly ended: Promise<Ending>;
	private why: Ending['why'] = 'stopped';
	private slices = 0;
	private readonly began = performance.now();

	private constructor(
		private readonly recorder: MediaRecorder,
		private readonly writing: Writing,
		private readonly most: number,
		private readonly told: (seconds: number) => void,
	) {
		recorder.ondataavailable = ({ data }) => void this.take(data);
		for (const track of recorder.stream.getTracks()) track.addEventListener('ended', () => this.stop('takenAway'));
		// A call or another application may end the page: what came until then is asked for at once.
		document.addEventListener('visibilitychange', this.flush);
		this.ended = new Promise((resolve, reject) => {
			recorder.onstop = () => this.finish().then(resolve, reject);
		});
		recorder.start(SLICE);
	}

	/**
	 * Begins to record a stream. `most` seconds at most; `told` hears how many seconds are on the disk.
	 *
	 * Raises QuotaExceededError where only the reserve of photos and signatures is left.
	 */
	static async begin(
		files: Files,
		stream: MediaStream,
		beginning: Omit<Beginning, 'type' | 'extension'>,
		most: number,
		told: (seconds: number) => void,
	): Promise<Recording> {
		if (!mayRecord(await roomNow())) throw new DOMException('no room', 'QuotaExceededError');
		const kind = stream.getVideoTracks().length > 0 ? 'video' : 'audio';
		const wanted = TYPES[kind].find((type) => MediaRecorder.isTypeSupported(type));
		const recorder = new MediaRecorder(stream, { ...(wanted ? { mimeType: wanted } : {}), videoBitsPerSecond: 2_500_000 });
		const type = bareType(recorder.mimeType || wanted || `${kind}/webm`);
		const writing = await files.begin({ ...beginning, type, extension: extensionOf(type) });
		void files.reserve.hold().catch(() => undefined); // Without room for it the first slices will tell.
		return new Recording(recorder, writing, most, told);
	}

	stop(why: Ending['why'] = 'stopped'): void {
		if (this.recorder.state === 'inactive') return;
		this.why = why;
		this.recorder.stop();
	}

	private readonly flush = (): void => {
		if (document.visibilityState === 'hidden' && this.recorder.state === 'recording') this.recorder.requestData();
	};

	private async take(slice: Blob): Promise<void> {
		const until = (performance.now() - this.began) / 1000;
		try {
			await this.writing.append(slice);
			this.seconds = until;
			this.told(until);
			this.slices += 1;
			if (until >= this.most) this.stop('long');
			else if (this.slices % LOOK_FOR_ROOM === 0 && !mayRecord(await roomNow())) this.stop('full');
		} catch {
			this.stop('full');
		}
	}

	private async finish(): Promise<Ending> {
		document.removeEventListener('visibilitychange', this.flush);
		const file = await this.writing.finish({ seconds: Math.round(this.seconds * 10) / 10 });
		return { why: this.why, file: file.size > 0 ? file : null };
	}
}
