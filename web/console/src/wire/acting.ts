/** Something that somebody asks for and waits for: whether it is under way, and what stood against it. */
import { ref, type Ref } from 'vue';

export interface Acting {
	readonly isActing: Ref<boolean>;
	/** In the server's words; empty while nothing stands against it. */
	readonly problem: Ref<string>;
	readonly attempt: (what: () => Promise<void>) => Promise<void>;
}

export function acting(): Acting {
	const isActing = ref(false);
	const problem = ref('');
	async function attempt(what: () => Promise<void>): Promise<void> {
		isActing.value = true;
		problem.value = '';
		try {
			await what();
		} catch (error) {
			problem.value = (error as Error).message;
		} finally {
			isActing.value = false;
		}
	}
	return { isActing, problem, attempt };
}
