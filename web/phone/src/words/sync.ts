/** Words of what has arrived, what is stuck, and two phones: Chinese by what they say in English. */
export const SYNC: Readonly<Record<string, string>> = {};
