/** One file without modules, so that the page names it and nothing else; what it is made of lies in the console. */
export default {
	build: {
		target: 'es2022',
		lib: { entry: 'src/checking.ts', formats: ['iife'], name: 'checking', fileName: () => 'checking.js' },
	},
};
