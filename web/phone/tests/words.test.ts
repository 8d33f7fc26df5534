/** Everything that the phone says can be said in Chinese. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ADVICES, CHECKS } from '../src/health';
import { CHINESE, PARTS } from '../src/words/all';

const SOURCE = join(import.meta.dirname, '../src');
const LITERAL = /'((?:[^'\\]|\\.)*)'/g;

/** The first argument of each `say(…)` in a text, as it is written. */
function* saidIn(text: string): Generator<string> {
	for (const { index } of text.matchAll(/\bsay(?:\.value)?\(/g)) {
		let depth = 0;
		let quoted = false;
		const begin = text.indexOf('(', index) + 1;
		for (let place = begin; place < text.length; place += 1) {
			const each = text[place]!;
			if (each === "'" && text[place - 1] !== '\\') quoted = !quoted;
			if (quoted) continue;
			if ('([{'.includes(each)) depth += 1;
			const ends = ')]}'.includes(each) && (depth -= 1) < 0;
			if (ends || (each === ',' && depth === 0)) {
				yield text.slice(begin, place);
				break;
			}
		}
	}
}

test('every text that is said has its Chinese', () => {
	const lacking = new Set<string>();
	let found = 0;
	for (const name of readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })) {
		if (!/\.(ts|vue)$/.test(name)) continue;
		for (const argument of saidIn(readFileSync(join(SOURCE, name), 'utf8'))) {
			// A condition may choose between texts; what it compares with is none.
			for (const [, literal] of argument.replace(/[!=]==? '[^']*'/g, '').matchAll(LITERAL)) {
				found += 1;
				const key = literal!.replace(/\\(.)/g, '$1');
				if (!(key in CHINESE)) lacking.add(`${name}: ${key}`);
			}
		}
	}
	expect([...lacking]).toEqual([]);
	expect(found).toBeGreaterThan(200);
});

test('what a check of the phone may find and advise has its Chinese', () => {
	expect([...Object.values(CHECKS), ...ADVICES].filter((key) => !(key in CHINESE))).toEqual([]);
});

test('every Chinese text is Chinese, and fills in what the English fills in', () => {
	const names = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(String).sort();
	for (const [english, chinese] of Object.entries(CHINESE)) {
		expect(chinese, english).toMatch(/\p{Script=Han}|^[A-Z0-9 ]+$/u);
		expect(names(chinese), english).toEqual(names(english));
	}
});

test('two parts that share a key say the same', () => {
	const all = Object.entries(PARTS).flatMap(([part, words]) => Object.entries(words).map(([english, chinese]) => ({ part, english, chinese })));
	const differing = all.filter(({ english, chinese }) => chinese !== CHINESE[english]);
	expect(differing.map(({ part, english, chinese }) => `${part}: ${english} = ${chinese}, elsewhere ${CHINESE[english]}`)).toEqual([]);
});
