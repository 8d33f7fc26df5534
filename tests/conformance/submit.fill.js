// Every form that ships, as a phone has it from the wire, completed by the phone's engine: its payload is what is sent.
// Run by submitting.py alone, with a configuration of its own.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { draft, load, violations } from './phone.js';

const folder = process.env.MERESTONE_BUNDLE;
const { forms } = JSON.parse(readFileSync(join(folder, 'forms.json'), 'utf8'));

beforeEach(() => {
	vi.useFakeTimers({ toFake: ['Date'] });
});
afterEach(() => {
	vi.useRealTimers();
});

function text(file) {
	return new Promise((resolve, reject) => {
		const reader = new FileReader();
		reader.onload = () => resolve(reader.result);
		reader.onerror = () => reject(reader.error);
		reader.readAsText(file);
	});
}

test.each(forms)('$form', async ({ form, xform, lists, instance, now }) => {
	vi.setSystemTime(now);
	const loaded = await load({ xform, lists });
	const filled = await loaded.restoreInstance(draft(instance), {});
	const payload = await filled.root.prepareInstancePayload({ payloadType: 'monolithic' });
	const file = payload.data[0].get('xml_submission_file');
	expect(file).toBeTruthy();
	const submission = { xml: await text(file), violations: violations(filled.root) };
	writeFileSync(join(folder, `${form}.json`), JSON.stringify(submission));
});

