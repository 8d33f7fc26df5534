// Every case of half a bundle in the phone's engine. What was observed is written for test_engine.py, which
// holds it against what the case expects and shows it with the other tests.

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { readForms, writeObserved } from './bundle.js';
import { chooseAgain, load, restore, values, violations } from './phone.js';

async function observe(form, { instance, raw }) {
	try {
		const root = await restore(form, instance);
		if (!raw) {
			chooseAgain(root);
		}
		return { error: null, values: values(root), violations: violations(root) };
	} catch (error) {
		return { error: String(error.message), values: {}, violations: [] };
	}
}

export function runCases(half) {
	const observed = {};
	afterAll(() => writeObserved(half, observed));
	describe.each(readForms(half))('$form', (bundled) => {
		let form;
		beforeAll(async () => {
			form = await load(bundled);
		});
		beforeEach(() => {
			vi.useFakeTimers({ toFake: ['Date'] });
		});
		afterEach(() => {
			vi.useRealTimers();
		});

		test.each(bundled.cases)('$name', async (each) => {
			vi.setSystemTime(each.now);
			const found = await observe(form, each);
			observed[each.id] = found;
			if (each.expected.error !== null) {
				expect(found.error).toContain(each.expected.error);
				return;
			}
			expect(found.error).toBeNull();
			expect(found.violations).toEqual(each.expected.violations);
			expect(found.values).toMatchObject(each.expected.calculated);
		});
	});
}
