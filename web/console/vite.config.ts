import { fileURLToPath } from 'node:url';
import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'vitest/config';
import { compressed, keepingTheBuildBefore, withEngineMended, withoutForeignHosts } from '../phone/vite.building.ts';
import { withPhoneThatKeepsNothing } from './vite.trying.ts';

const PAGES = { index: 'index.html', try: 'try.html' };
const BUILT = fileURLToPath(new URL('dist', import.meta.url));

export default defineConfig({
	base: '/console/',
	build: { target: 'es2022', emptyOutDir: false, assetsInlineLimit: 0, chunkSizeWarningLimit: 1200, rollupOptions: { input: PAGES } },
	plugins: [withoutForeignHosts(), withEngineMended(), withPhoneThatKeepsNothing(), keepingTheBuildBefore(BUILT), vue(), compressed(BUILT)],
});
