/** Words of filling forms in, and correcting: Chinese by what they say in English. */
export const FORMS: Readonly<Record<string, string>> = {};
