import { createRouter, createWebHashHistory } from 'vue-router';
import { phone } from './phone';
import DayEndPage from './views/DayEndPage.vue';
import MapPage from './views/MapPage.vue';
import MePage from './views/MePage.vue';
import SignInPage from './views/SignInPage.vue';
import TaskPage from './views/TaskPage.vue';
import TasksPage from './views/TasksPage.vue';

export const router = createRouter({
	history: createWebHashHistory('/phone/'),
	routes: [
		{ path: '/', redirect: '/today' },
		{ path: '/sign-in', component: SignInPage, meta: { open: true } },
		{ path: '/today', component: TasksPage, props: { today: true } },
		{ path: '/tasks', component: TasksPage, props: { today: false } },
		{ path: '/tasks/:id', component: TaskPage, props: true },
		// The engine is large, and comes when a form is opened.
		{ path: '/records/:id', component: () => import('./views/RecordPage.vue'), props: true },
		{ path: '/map', component: MapPage },
		{ path: '/me', component: MePage },
		{ path: '/day-end', component: DayEndPage },
	],
});

router.beforeEach(async (to) => {
	await phone.opened;
	if (!phone.person && !to.meta.open) return '/sign-in';
	return true;
});
