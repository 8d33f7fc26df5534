/** Words of tasks, the gate before an inspection, documents and the map: Chinese by what they say in English. */
export const TASKS: Readonly<Record<string, string>> = {};
