import { fileURLToPath } from 'node:url';
import vue from '@vitejs/plugin-vue';
import { VitePWA } from 'vite-plugin-pwa';
import { defineConfig } from 'vitest/config';
import { compressed, keepingTheBuildBefore, withEngineMended, withoutForeignHosts } from './vite.building.ts';

const BUILT = fileURLToPath(new URL('dist', import.meta.url));

export default defineConfig({
	base: '/phone/',
	build: { target: 'es2022', emptyOutDir: false, assetsInlineLimit: 0, chunkSizeWarningLimit: 1200 },
	plugins: [
		withoutForeignHosts(),
		withEngineMended(),
		keepingTheBuildBefore(BUILT),
		vue(),
		VitePWA({
			strategies: 'generateSW',
			// A new version waits until the old one is closed: never under an open form.
			registerType: 'prompt',
			injectRegister: false,
			includeAssets: ['icon.svg', 'icon-192.png', 'icon-512.png', 'icon-maskable-512.png'],
			manifest: {
				id: '/phone/',
				name: '界石 外业检查',
				short_name: '界石',
				description: '没有信号也能用的外业检查。 Field inspection that works without a signal.',
				lang: 'zh-CN',
				start_url: '/phone/',
				scope: '/phone/',
				display: 'standalone',
				theme_color: '#1d5c4b',
				background_color: '#f4f1e8',
				icons: [
					{ src: 'icon-192.png', sizes: '192x192', type: 'image/png' },
					{ src: 'icon-512.png', sizes: '512x512', type: 'image/png', purpose: 'any' },
					{ src: 'icon-maskable-512.png', sizes: '512x512', type: 'image/png', purpose: 'maskable' },
				],
			},
			workbox: {
				globIgnores: ['previous/**', 'taking-over.js'],
				importScripts: ['taking-over.js'],
				globPatterns: ['**/*.{js,mjs,css,html,svg,png,wasm,webmanifest}'],
				maximumFileSizeToCacheInBytes: 6_000_000,
				navigateFallback: '/phone/index.html',
				navigateFallbackAllowlist: [/^\/phone\//],
				// The page that installed it is served by it at once: its lazy parts are there when the network goes.
				clientsClaim: true,
				cleanupOutdatedCaches: true,
			},
		}),
		compressed(BUILT),
	],
});
