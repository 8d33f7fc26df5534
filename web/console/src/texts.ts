/** The words of the console, Chinese first. A key is what it says in English. */
import { computed, ref } from 'vue';
import { CHINESE } from './words/all';

export type Language = 'zh' | 'en';

/** Words in both languages, as the server sends them: labels of a form, titles, findings. */
export type Words = Readonly<Partial<Record<Language, string>>>;

export const language = ref<Language>((localStorage.getItem('language') as Language | null) ?? 'zh');

/** Says something in the language of the console; `{name}` is filled in. */
export const say = computed(() => (english: string, values: Record<string, string | number> = {}): string => {
	const text = language.value === 'zh' ? (CHINESE[english] ?? english) : english;
	return text.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ''));
});

/** Takes what the server says in both languages in that of the console, or else in the other. */
export function inWords(words: Words | null | undefined): string {
	const other = language.value === 'zh' ? 'en' : 'zh';
	return words?.[language.value] || words?.[other] || '';
}

/** Takes the half of `中文 · English` that is in the console's language. */
export function inHalf(text: string): string {
	const [chinese, english] = text.split(' · ');
	return (language.value === 'zh' ? chinese : english) ?? text;
}

export function speakIn(chosen: Language): void {
	language.value = chosen;
	localStorage.setItem('language', chosen);
	document.documentElement.lang = chosen === 'zh' ? 'zh-CN' : 'en';
}

const MOMENT = new Intl.DateTimeFormat('zh-CN', { dateStyle: 'short', timeStyle: 'short', timeZone: 'Asia/Shanghai', hour12: false });

/** A moment as people here write it, in China's time. */
export function moment(iso: string | null | undefined): string {
	return iso ? MOMENT.format(new Date(iso)) : '';
}

/** How large bytes are. */
export function bytes(count: number | null | undefined): string {
	if (count === null || count === undefined) return '';
	if (count < 1_000_000) return `${Math.max(1, Math.round(count / 1000))} kB`;
	return `${(count / 1_000_000).toFixed(1)} MB`;
}
