/** How a form is tried out at a desk: the phone's own pages, around a phone that keeps nothing. */
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';

const PHONE = fileURLToPath(new URL('../phone/src/phone.ts', import.meta.url));
const STAND_IN = fileURLToPath(new URL('../phone/src/trying/phone.ts', import.meta.url));

/** Puts `trying/phone.ts` where the phone's pages ask for the phone, which would open its store and begin to sync. */
export function withPhoneThatKeepsNothing(): Plugin {
	return {
		name: 'with-phone-that-keeps-nothing',
		enforce: 'pre',
		async resolveId(source, importer, options) {
			if (!/^\.\.?\/phone$/.test(source) || !importer) return null;
			const found = await this.resolve(source, importer, { ...options, skipSelf: true });
			return found?.id === PHONE ? STAND_IN : null;
		},
	};
}
