/** A form that is tried out in a frame of the console: the definition comes from the page around it. */
import 'vant/lib/index.css';
import '../look/look.css';
import { Button, Checkbox, Popup, Search, Switch } from 'vant';
import { createApp } from 'vue';
import { createMemoryHistory, createRouter, RouterView } from 'vue-router';
import RecordPage from '../views/RecordPage.vue';
import DonePage from './DonePage.vue';
import { phone, type Trial } from './phone';
import { standAtTheMine } from './standing';

const RECORD = 'trial';

const router = createRouter({
	history: createMemoryHistory(),
	routes: [
		{ path: '/records/:id', component: RecordPage, props: true },
		{ path: '/tasks/:id', component: DonePage },
	],
});

async function tryOut(trial: Trial): Promise<void> {
	localStorage.removeItem(`page-${RECORD}`);
	phone.begin(trial);
	await router.push(`/records/${RECORD}`);
	const application = createApp(RouterView);
	for (const part of [Button, Checkbox, Popup, Search, Switch]) application.use(part);
	application.use(router).mount('#app');
}

standAtTheMine();
addEventListener('pagehide', () => localStorage.removeItem(`page-${RECORD}`));
/** Other words may come from the page around, such as those of tools that look at it. */
const isTrial = (data: unknown): data is Trial => typeof (data as Trial | null)?.definition === 'string';
addEventListener('message', ({ origin, source, data }: MessageEvent<unknown>) => {
	if (origin === location.origin && source === parent && isTrial(data)) void tryOut(data);
});
parent.postMessage('ready', location.origin);
