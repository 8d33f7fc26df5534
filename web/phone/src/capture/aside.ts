/** Captures that no answer has taken: of a burst, or from before a crash. */
import { shallowRef } from 'vue';

/** Counts what was captured and taken, so that every question that may take one looks again. */
export const captures = shallowRef(0);
