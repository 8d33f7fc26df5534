/** Words of the application itself: starting, health, locking, training: Chinese by what they say in English. */
export const SHELL: Readonly<Record<string, string>> = {};
