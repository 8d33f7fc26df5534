/** What is shown can be read: contrast of each theme, computed as WCAG 2 has it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const LOOK = readFileSync(join(import.meta.dirname, '../src/look/look.css'), 'utf8');

function variablesOf(selector: string): Record<string, string> {
	const [, block] = new RegExp(`^${selector} \\{([^}]*)\\}`, 'm').exec(LOOK)!;
	return Object.fromEntries([...block!.matchAll(/--([\w-]+):\s*(#[0-9a-f]{3,6});/g)].map(([, name, colour]) => [name, colour]));
}

function luminance(colour: string): number {
	const digits = colour.length === 4 ? [...colour.slice(1)].map((each) => each + each) : colour.slice(1).match(/../g)!;
	const [red, green, blue] = digits.map((each) => {
		const part = parseInt(each, 16) / 255;
		return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
	});
	return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
}

function contrast(one: string, other: string): number {
	const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
	return (light! + 0.05) / (dark! + 0.05);
}

const usual = variablesOf(':root');
const outdoor = { ...usual, ...variablesOf(':root.outdoor') };
const WRITTEN = ['ink', 'quiet', 'good', 'warn', 'bad', 'main'];

test.each([
	['usual', usual, 4.5],
	['outdoor', outdoor, 7],
] as const)('in the %s theme everything written can be read', (_, theme, least) => {
	for (const ground of ['paper', 'ground', 'main-soft']) {
		for (const name of WRITTEN) {
			expect(contrast(theme[name]!, theme[ground]!), `${name} on ${ground}`).toBeGreaterThanOrEqual(least);
		}
	}
	expect(contrast('#fff', theme['main']!), 'white on main').toBeGreaterThanOrEqual(least);
	expect(contrast(theme['line']!, theme['paper']!), 'lines').toBeGreaterThanOrEqual(least === 7 ? 3 : 1.2);
});

test('contrast is computed as the standard says', () => {
	expect(contrast('#000', '#fff')).toBeCloseTo(21, 5);
	expect(contrast('#777777', '#fff')).toBeCloseTo(4.48, 2);
});
