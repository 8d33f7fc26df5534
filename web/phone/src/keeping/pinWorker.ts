/** Stretches one PIN beside the page, and ends. */
import { stretch, type Stretching } from './pin';

onmessage = async ({ data }: MessageEvent<{ pin: string; stretching: Stretching }>): Promise<void> => {
	postMessage(await stretch(data.pin, data.stretching));
};
