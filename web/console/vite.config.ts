import { fileURLToPath } from 'node:url';
import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'vitest/config';
import { compressed, keepingTheBuildBefore } from '../phone/vite.building.ts';

const BUILT = fileURLToPath(new URL('dist', import.meta.url));

export default defineConfig({
	base: '/console/',
	build: { target: 'es2022', emptyOutDir: false, assetsInlineLimit: 0, chunkSizeWarningLimit: 1200 },
	plugins: [keepingTheBuildBefore(BUILT), vue(), compressed(BUILT)],
});
