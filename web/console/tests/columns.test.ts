/** What is exported opens in Excel and WPS, and does nothing there. */
import { expect, it } from 'vitest';
import { asCsv, withFilters } from '../src/lists/columns';

it('a file begins with the mark that says UTF-8, and quotes every cell', () => {
	expect(asCsv(['名称'], [['说"是"'], ['两\n行']])).toBe('\uFEFF"名称"\r\n"说""是"""\r\n"两\n行"\r\n');
});
it('a cell that begins like a formula is text', () => {
	expect(asCsv(['a'], [['=1+1'], ['@x'], ['-3']])).toContain(`"'=1+1"\r\n"'@x"\r\n"'-3"`);
});
it('empty filters are left out', () => expect(withFilters('tasks', { state: '', person: 'x' }, 100)).toBe('tasks?person=x&limit=100'));
