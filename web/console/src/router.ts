/** The pages of the console, each a part of its own that comes when it is opened. */
import { createRouter, createWebHistory, type RouteRecordRaw } from 'vue-router';
import { firstPath } from './frame/places';
import { may, session, takeUp } from './wire/session';

const routes: RouteRecordRaw[] = [
	{ path: '/', component: () => import('./frame/EmptyPage.vue') },
	{ path: '/board', component: () => import('./board/BoardPage.vue') },
	{ path: '/coverage', component: () => import('./coverage/CoveragePage.vue') },
	{ path: '/review/:id?', component: () => import('./review/ReviewPage.vue') },
	{ path: '/tasks', component: () => import('./tasks/TasksPage.vue') },
	{
		path: '/libraries',
		component: () => import('./libraries/LibrariesPage.vue'),
		children: [
			{ path: '', component: () => import('./libraries/ItemsPage.vue') },
			{ path: 'versions', component: () => import('./libraries/VersionsPage.vue') },
			{ path: 'objects', component: () => import('./libraries/ObjectsPage.vue') },
			{ path: 'inspectors', component: () => import('./libraries/InspectorsPage.vue') },
			{ path: 'experts', component: () => import('./libraries/ExpertsPage.vue') },
			{ path: 'responsibilities', component: () => import('./libraries/ResponsibilitiesPage.vue') },
			{ path: 'leaders', component: () => import('./libraries/LeadersPage.vue') },
			{ path: 'tags', component: () => import('./libraries/TagsPage.vue') },
			{ path: 'months', component: () => import('./libraries/MonthsPage.vue') },
			{ path: 'imports', component: () => import('./libraries/ImportsPage.vue') },
		],
	},
	{
		path: '/plans',
		component: () => import('./plans/PlansPage.vue'),
		children: [
			{ path: '', component: () => import('./plans/YearPage.vue') },
			{ path: 'all', component: () => import('./plans/PlanListPage.vue') },
			{ path: 'overlaps', component: () => import('./plans/OverlapsPage.vue') },
			{ path: 'intakes/:id', component: () => import('./plans/IntakePage.vue') },
			{ path: ':id', component: () => import('./plans/PlanPage.vue') },
		],
	},
	{ path: '/draws', component: () => import('./draws/DrawsPage.vue') },
	{ path: '/draws/:id', component: () => import('./draws/CeremonyPage.vue') },
	{ path: '/results', component: () => import('./results/ResultsPage.vue') },
	{ path: '/followups', component: () => import('./results/FollowupsPage.vue') },
	{ path: '/publications', component: () => import('./publications/PublicationsPage.vue') },
	{ path: '/reports', component: () => import('./reports/ReportsPage.vue') },
	{
		path: '/reports/:id',
		component: () => import('./reports/SnapshotPlace.vue'),
		children: [
			{ path: '', component: () => import('./reports/SnapshotPage.vue') },
			{ path: 'statistics', component: () => import('./reports/WorkReportPage.vue') },
			{ path: 'coverage', component: () => import('./reports/FieldCoveragePage.vue') },
			{ path: 'assessment', component: () => import('./reports/AssessmentPage.vue') },
			{ path: 'ledger', component: () => import('./reports/LedgerPage.vue') },
		],
	},
	{
		path: '/platform',
		component: () => import('./platform/PlatformPage.vue'),
		children: [
			{ path: '', component: () => import('./platform/DeliveriesPage.vue') },
			{ path: 'differences', component: () => import('./platform/DifferencesPage.vue') },
			{ path: 'runs', component: () => import('./platform/RunsPage.vue') },
		],
	},
	{ path: '/quarantine', component: () => import('./quarantine/QuarantinePage.vue') },
	{ path: '/devices/complaints', component: () => import('./complaints/ComplaintsPage.vue') },
	{ path: '/devices', component: () => import('./devices/DevicesPage.vue') },
	{ path: '/devices/odk', component: () => import('./devices/StockKeysPage.vue') },
	{ path: '/devices/odk/arriving', component: () => import('./devices/ArrivingPage.vue') },
	{ path: '/forms', component: () => import('./forms/FormsPage.vue') },
	{ path: '/forms/drafts/:id', component: () => import('./forms/DraftPage.vue') },
	{
		path: '/documents',
		component: () => import('./documents/PapersPage.vue'),
		children: [
			{ path: '', component: () => import('./documents/TemplatesPage.vue') },
			{ path: 'rules', component: () => import('./documents/RulesPage.vue') },
		],
	},
	{ path: '/people', component: () => import('./people/PeoplePage.vue') },
	{ path: '/organisations', component: () => import('./organisations/OrganisationsPage.vue') },
	{ path: '/health', component: () => import('./health/HealthPage.vue') },
	{
		path: '/settings',
		component: () => import('./settings/SettingsPage.vue'),
		children: [
			{ path: '', component: () => import('./settings/BureauPage.vue') },
			{ path: 'installation', component: () => import('./settings/InstallationPage.vue') },
		],
	},
	{ path: '/audit', component: () => import('./audit/AuditPage.vue') },
	{ path: '/:rest(.*)*', redirect: '/' },
];

export const router = createRouter({ history: createWebHistory('/console/'), routes });

router.beforeEach(async (to) => {
	// Where the session has ended or the server isn't reached, the way in shows what to do.
	await takeUp().catch(() => false);
	const path = session.value && to.path === '/' ? firstPath(may.value) : to.path;
	return path === to.path ? true : { path, replace: true };
});
