/** Everything that a page says is there in Chinese. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { CHINESE } from '../src/words/all';

const SOURCES = join(import.meta.dirname, '../src');
/** What is said of columns, filters and facts, whose names are passed on. */
const NAMED = /(?:name: |^\t*\[)'([A-Z][^']+)',/gm;
const SAID = /say(?:\.value)?\(\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")/g;

it('every word that is written out has its Chinese', () => {
	const files = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' }).filter((name) => /\.(vue|ts)$/.test(name));
	const texts = files.filter((name) => !name.startsWith('words')).map((name) => readFileSync(join(SOURCES, name), 'utf8'));
	const said = texts.flatMap((text) => [...text.matchAll(SAID), ...text.matchAll(NAMED)].map((found) => found[1] ?? found[2]!));
	expect(said.length).toBeGreaterThan(50);
	expect(said.filter((each) => !(each in CHINESE))).toEqual([]);
});

it('no word is said in two parts in different ways', () => {
	const parts = readdirSync(join(SOURCES, 'words')).filter((name) => name !== 'all.ts');
	const keys = parts.flatMap((name) => [...readFileSync(join(SOURCES, 'words', name), 'utf8').matchAll(/^\t(?:'((?:[^'\\]|\\.)*)'|(\w+)): /gm)].map((found) => found[1] ?? found[2]!));
	expect(keys.filter((key, place) => keys.indexOf(key) !== place)).toEqual([]);
});
