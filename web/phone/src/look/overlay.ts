/** What lies behind a sheet closes it when it is tapped, and has to say so to who does not see it. */
import { computed } from 'vue';
import { say } from '../texts';

export const overlay = computed<object>(() => ({ 'aria-label': say.value('Close') }));
