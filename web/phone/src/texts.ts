/** The words of the phone, Chinese first. A key is what it says in English. */
import { computed, ref } from 'vue';
import { CHINESE } from './words/all';

export type Language = 'zh' | 'en';

export const language = ref<Language>((localStorage.getItem('language') as Language | null) ?? 'zh');

/** Says something in the language of the phone; `{name}` is filled in. */
export const say = computed(() => (english: string, values: Record<string, string | number> = {}): string => {
	const text = language.value === 'zh' ? (CHINESE[english] ?? english) : english;
	return text.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ''));
});

export function speakIn(chosen: Language): void {
	language.value = chosen;
	localStorage.setItem('language', chosen);
	document.documentElement.lang = chosen === 'zh' ? 'zh-CN' : 'en';
}

/** Takes the half of a title that is in the phone's language: titles of forms are `中文 / English`. */
export function inWords(title: string): string {
	const [chinese, english] = title.split(' / ');
	return (language.value === 'zh' ? chinese : english) ?? title;
}
