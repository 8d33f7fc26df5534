/** The browser finds a published draw again, and every change of it is seen. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { DrawFile } from '../src/draws/drawFile';
import { canonical, numberOf, verify } from '../src/draws/verifying';

const TEXT = readFileSync(join(import.meta.dirname, 'draw.json'), 'utf8');
const draw = (): DrawFile & Record<string, any> => JSON.parse(TEXT) as DrawFile;

describe('a published draw', () => {
	it('is found again from its file', () => expect(() => verify(draw())).not.toThrow());

	it.each([
		['secret, commitment', (each: any) => (each.secret = each.secret.replace(/^./, (first: string) => (first === '0' ? '1' : '0')))],
		['frame, digest', (each: any) => (each.frame.objects[0].name += '（更名）')],
		['frame, digest', (each: any) => (each.frame.people[0].load += 1)],
		['seed', (each: any) => (each.seed = each.seed.split('').reverse().join(''))],
		['order of events', (each: any) => (each.committed_at = each.revealed_at.replace('2026', '2027'))],
		['the list of objects', (each: any) => each.drawn.reverse()],
		['the people matched', (each: any) => Object.values(each.visits[0].teams as string[][])[0]!.reverse()],
		['the objects without people', (each: any) => each.unmatched.push({ object: each.drawn[0], team: 'x', why: 'load' })],
		['public randomness', (each: any) => (each.randomness_source = 'drand 1')],
		['a replacement of nobody', (each: any) => each.replacements.push({ object: each.drawn[0], team: 'x', out: 'x', into: 'y' })],
	])('shows: %s', (what, change) => {
		const changed = draw();
		change(changed);
		expect(() => verify(changed)).toThrow(what);
	});
});

it('shares are counted in whole numbers', () => {
	const share = (percent: string, rounding: string, least = 0) => ({ percent, rounding, least });
	expect(numberOf(share('12.5', 'ceiling'), 8)).toBe(1);
	expect(numberOf(share('12.5', 'ceiling'), 9)).toBe(2);
	expect(numberOf(share('5', 'half_up'), 10)).toBe(1);
	expect(numberOf(share('5', 'half_up'), 9)).toBe(0);
	expect(numberOf(share('0', 'ceiling', 3), 2)).toBe(2);
	expect(() => numberOf(share('1/3', 'ceiling'), 2)).toThrow();
});

it('names are sorted by their characters, as Python sorts them', () => {
	expect(canonical({ '\u{1F600}': 1, '\uFF5E': [true, null], a: '"\n' })).toBe('{"a":"\\"\\n","\uFF5E":[true,null],"\u{1F600}":1}');
});
