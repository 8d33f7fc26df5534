/** What the bureau tells of the application: its filing number (备案号), and who takes complaints about it (投诉渠道). */
import { shallowRef } from 'vue';

export interface About {
	readonly filing?: string;
	readonly office?: string;
	readonly telephone?: string;
	readonly address?: string;
}

const KEPT = 'about';

/** As the server told it last. It is for everybody to read, so it lies in clear and is there before anybody signs in. */
export const about = shallowRef<About>(JSON.parse(globalThis.localStorage?.getItem(KEPT) ?? '{}') as About);

/** Keeps what a session tells; it comes with each, so that nothing asks for it. */
export function hearAbout(told: About | undefined): void {
	about.value = told ?? {};
	try {
		localStorage.setItem(KEPT, JSON.stringify(about.value));
	} catch {
		// A full phone: it is told again with the next session, and nobody is kept from signing in.
	}
}

const MAIL = /^[^\s@/]+@[^\s@/]+$/;

/** Where an address leads that is a page or an e-mail; null for that of a house. */
export function leadsTo(address: string): string | null {
	if (/^https?:\/\//.test(address)) return address;
	return MAIL.test(address) ? `mailto:${address}` : null;
}
