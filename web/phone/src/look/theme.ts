/** 大字版 and 户外: remembered on this phone, for whoever uses it. */
import { reactive, watch } from 'vue';

export const theme = reactive({
	large: localStorage.getItem('large') === 'yes',
	outdoor: localStorage.getItem('outdoor') === 'yes',
	apply(): void {
		document.documentElement.classList.toggle('large', theme.large);
		document.documentElement.classList.toggle('outdoor', theme.outdoor);
	},
});

watch(
	() => [theme.large, theme.outdoor],
	() => {
		localStorage.setItem('large', theme.large ? 'yes' : 'no');
		localStorage.setItem('outdoor', theme.outdoor ? 'yes' : 'no');
		theme.apply();
	},
);
