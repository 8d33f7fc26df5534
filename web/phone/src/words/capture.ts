/** Words of photos, sound, video, positions and signatures: Chinese by what they say in English. */
export const CAPTURE: Readonly<Record<string, string>> = {};
