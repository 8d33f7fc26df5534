import { describe, expect, it } from 'vitest';
import { ref } from 'vue';
import { lasting } from '../src/lists/lasting';

describe('the title of what slides out', () => {
	it('stays when the thing is closed, until another is opened', () => {
		const opened = ref<{ name: string } | null>(null);
		const title = lasting(() => opened.value?.name);
		expect(title.value).toBe('');
		opened.value = { name: '阳检-1' };
		expect(title.value).toBe('阳检-1');
		opened.value = null;
		expect(title.value).toBe('阳检-1');
		opened.value = { name: '阳检-2' };
		expect(title.value).toBe('阳检-2');
	});
});
