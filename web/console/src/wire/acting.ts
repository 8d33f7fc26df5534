/** Something that somebody asks for and waits for: whether it is under way, and what stood against it. */
import { computed, ref, shallowRef, type ComputedRef, type Ref } from 'vue';
import { Refused } from './refused';

/** One thing that is wrong, where it stands and why, in both languages. */
export interface Wrong {
	readonly field?: string;
	readonly column?: string;
	readonly place?: string;
	readonly reason: string;
	readonly reason_en: string;
}

export interface Acting {
	readonly isActing: Ref<boolean>;
	/** In the server's words; empty while nothing stands against it. */
	readonly problem: Ref<string>;
	/** What exactly is wrong, one by one, where the server says it. */
	readonly errors: ComputedRef<readonly Wrong[]>;
	readonly attempt: (what: () => Promise<void>) => Promise<void>;
}

export function acting(): Acting {
	const isActing = ref(false);
	const problem = ref('');
	const refused = shallowRef<Refused | null>(null);
	const errors = computed(() => (Array.isArray(refused.value?.body['errors']) && problem.value ? (refused.value.body['errors'] as readonly Wrong[]) : []));
	async function attempt(what: () => Promise<void>): Promise<void> {
		isActing.value = true;
		[problem.value, refused.value] = ['', null];
		try {
			await what();
		} catch (error) {
			problem.value = wordsOf(error as Error);
			if (error instanceof Refused) refused.value = error;
		} finally {
			isActing.value = false;
		}
	}
	return { isActing, problem, errors, attempt };
}

/** What the server says no to, and what to do; of anything else, what it says of itself. */
export const wordsOf = (error: Error): string => [error.message, error instanceof Refused ? error.detail : ''].filter(Boolean).join('：');
