/** Keys are a page's own only where nobody writes. */
import { expect, it } from 'vitest';
import { isWriting } from '../src/review/keyboard';

const within = (...selectors: string[]) => ({ closest: (asked: string) => selectors.some((each) => asked.split(', ').includes(each)) });
const pressed = (key: string, more: object = {}): KeyboardEvent => ({ key, isComposing: false, keyCode: 0, target: within(), ...more }) as unknown as KeyboardEvent;

it('a letter on the page is a key', () => expect(isWriting(pressed('a'))).toBe(false));
it('a letter of an input method is not, however it is told', () => {
	expect(isWriting(pressed('a', { isComposing: true }))).toBe(true);
	expect(isWriting(pressed('Process', { keyCode: 229 }))).toBe(true);
});
it('a letter in a field, in a dialogue or with Ctrl is not', () => {
	expect(isWriting(pressed('a', { target: within('textarea') }))).toBe(true);
	expect(isWriting(pressed('a', { target: within('[role=dialog]') }))).toBe(true);
	expect(isWriting(pressed('a', { ctrlKey: true }))).toBe(true);
});
it('space presses the button that has the focus, letters do not', () => {
	expect(isWriting(pressed(' ', { target: within('button') }))).toBe(true);
	expect(isWriting(pressed('j', { target: within('button') }))).toBe(false);
});
