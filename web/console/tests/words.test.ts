/** Everything that a page says is there in Chinese. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { CHINESE } from '../src/words/all';

const SOURCES = join(import.meta.dirname, '../src');
const SAID = /say(?:\.value)?\(\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")/g;

it('every word that is written out has its Chinese', () => {
	const files = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' }).filter((name) => /\.(vue|ts)$/.test(name));
	const said = files.flatMap((name) => [...readFileSync(join(SOURCES, name), 'utf8').matchAll(SAID)].map((found) => found[1] ?? found[2]!));
	expect(said.length).toBeGreaterThan(50);
	expect(said.filter((each) => !(each in CHINESE))).toEqual([]);
});
