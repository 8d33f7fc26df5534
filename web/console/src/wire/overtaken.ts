/** What somebody else was quicker with: lists and pages that are open are read again, behind what tells it. */
import { ref } from 'vue';

/** How often the server said so. */
export const overtaken = ref(0);
