/** A title that stays until there is another: what slides out has been closed already, and still needs its name. */
import { computed, type ComputedRef } from 'vue';

export const lasting = (title: () => string | null | undefined): ComputedRef<string> => computed<string>((before) => title() || before || '');
