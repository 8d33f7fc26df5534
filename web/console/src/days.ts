/** Days as the bureaus here count them. */

/** Today in China, as `2026-11-26`. */
export const today = (): string => new Date().toLocaleDateString('sv', { timeZone: 'Asia/Shanghai' });
