/** Something that somebody asks for and waits for: whether it is under way, and what stood against it. */
import { ref, type Ref } from 'vue';
import { Refused } from './refused';

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
			problem.value = wordsOf(error as Error);
		} finally {
			isActing.value = false;
		}
	}
	return { isActing, problem, attempt };
}

/** What the server says no to, and what to do; of anything else, what it says of itself. */
export const wordsOf = (error: Error): string => [error.message, error instanceof Refused ? error.detail : ''].filter(Boolean).join('：');
