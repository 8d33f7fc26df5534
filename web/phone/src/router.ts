import { createRouter, createWebHashHistory } from 'vue-router';
import { lease } from './keeping/lease';
import { phone } from './phone';
import { whenIdle } from './shell';
import DayEndPage from './views/DayEndPage.vue';
import LeasePage from './views/LeasePage.vue';
import MePage from './views/MePage.vue';
import ObjectPage from './views/ObjectPage.vue';
import SignInPage from './views/SignInPage.vue';
import TaskPage from './views/TaskPage.vue';
import TasksPage from './views/TasksPage.vue';
import TodayPage from './views/TodayPage.vue';

const recordPage = () => import('./views/RecordPage.vue');

export const router = createRouter({
	history: createWebHashHistory('/phone/'),
	routes: [
		{ path: '/', redirect: '/today' },
		{ path: '/sign-in', component: SignInPage, meta: { open: true } },
		{ path: '/today', component: TodayPage },
		{ path: '/tasks', component: TasksPage },
		{ path: '/tasks/:id', component: TaskPage, props: true },
		{ path: '/objects/:id', component: ObjectPage, props: true },
		{ path: '/records/:id/document', component: () => import('./views/DocumentPage.vue'), props: true },
		// The engine is large, and comes after everything else: when a form is opened, or when the phone has nothing to do.
		{ path: '/records/:id', component: recordPage, props: true },
		// So is the engine of maps.
		{ path: '/map', component: () => import('./views/MapPage.vue'), props: (route) => ({ object: route.query['object'] ?? null }) },
		{ path: '/me', component: MePage, meta: { always: true } },
		{ path: '/day-end', component: DayEndPage, meta: { always: true } },
		{ path: '/health', component: () => import('./views/HealthPage.vue'), meta: { always: true } },
		{ path: '/about', component: () => import('./views/AboutPage.vue'), meta: { always: true, anybody: true } },
		{ path: '/pin', component: () => import('./views/PinPage.vue'), meta: { always: true } },
		{ path: '/lease', component: LeasePage, meta: { always: true } },
		{ path: '/carry', component: () => import('./views/CarryPage.vue'), meta: { always: true } },
		{ path: '/merge/:id', component: () => import('./views/MergePage.vue'), props: true },
	],
});

router.beforeEach(async (to) => {
	await phone.opened;
	if (!phone.person && !to.meta.open && !to.meta.anybody) return '/sign-in';
	const isOver = phone.person && lease.left !== null && lease.left <= 0;
	if (isOver && !to.meta.open && !to.meta.always) return '/lease';
	return true;
});

router.afterEach((to) => {
	if (to.meta.open) return;
	whenIdle(() => void recordPage().catch(() => undefined), 10_000);
});
