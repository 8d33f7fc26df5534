import { createRequire } from 'node:module';
import { defineConfig } from 'vitest/config';

// The forms' rules speak of the day on the phone, and phones here are on China Standard Time.
process.env.TZ = 'Asia/Shanghai';

// Named by its file: the package's "development" condition points at sources it does not ship in full.
// test_harness.py puts a deliberately broken copy in its place.
const engine =
	process.env.MERESTONE_ENGINE ?? createRequire(import.meta.url).resolve('@getodk/xforms-engine');

export default defineConfig({
	cacheDir: 'node_modules/.vite',
	resolve: { alias: { '@getodk/xforms-engine': engine } },
	test: {
		environment: 'jsdom',
		setupFiles: ['./globals.js'],
		include: ['*.test.js'],
		maxWorkers: 2,
		// A restored instance is a large heap of small things that die together: with room for them a quarter of the time is saved.
		execArgv: ['--max-semi-space-size=128'],
		// A test is a case, and never hangs: on a busy machine the largest form takes longer than the 5 seconds it has by default.
		testTimeout: 60_000,
	},
});
