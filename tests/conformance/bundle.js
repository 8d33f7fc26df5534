// The bundle of cases that observing.py writes: one file for each half, so that two cores can share the work.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = process.env.MERESTONE_BUNDLE;

export const HALVES = ['a', 'b'];

export function readForms(half) {
	return JSON.parse(readFileSync(join(folder, `${half}.json`), 'utf8')).forms;
}

export function writeObserved(half, observed) {
	writeFileSync(join(folder, `observed-${half}.json`), JSON.stringify(observed));
}
