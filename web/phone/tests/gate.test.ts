/** What is looked at before an inspection: what holds, what is told, and the two things that stop it. */
import { describe, expect, it } from 'vitest';
import vectors from '../../../tests/server/inspections/gate_vectors.json';
import { checksOf, type Check } from '../src/gate/checks';
import { sealRevision } from '../src/sealing';
import type { TaskCard } from '../src/views/cards';
import { NOTHING_DECLARED, type Declarations, type Recusal } from '../src/work/declarations';

const TODAY = '2026-11-26';
const MATTERS = [{ code: 'MINE_OVERSTEP', name: '矿山超层越界检查', basis: '《矿产资源法》' }];

const inspector = (id: string, validTo: string | null = '2031-12-31', certificate: string | null = `证-${id}`) => ({
	id,
	name: id,
	role: 'lead',
	certificate,
	validTo,
	department: null,
});

const TASK: TaskCard = {
	id: 'task',
	number: '1',
	name: '抽查',
	object: '某矿',
	objectId: 'mine',
	address: '',
	place: null,
	isEnterprise: true,
	isFinished: false,
	items: ['MINE_OVERSTEP'],
	yearCount: 1,
	mostAYear: 4,
	asksEntryCode: false,
	mode: 'on_site',
	section: null,
	told: [],
	lastVisit: null,
	opensOn: '2026-11-01',
	dueOn: '2026-11-30',
	daysLeft: 4,
	approvalNo: '审1',
	noticeNo: '通1',
	licence: null,
	isWithdrawn: false,
	inspectors: [inspector('甲'), inspector('乙')],
	forms: [],
	records: [],
	badge: null,
};

const said = (...answers: readonly (readonly [string, Recusal['answer']])[]): Declarations => ({
	recusal: answers.map(([person, answer]) => ({ person, name: person, answer, at: '2026-11-26T01:00:00Z', on: '甲' })),
	overrides: [],
});
const BOTH = said(['甲', 'no_interest'], ['乙', 'no_interest']);

function states(task: Partial<TaskCard>, declared: Declarations = BOTH, others: readonly TaskCard[] = [], matters = MATTERS): Record<string, Check['state']> {
	return Object.fromEntries(checksOf({ ...TASK, ...task }, declared, TODAY, others, matters).map((each) => [each.name, each.state]));
}

describe('before an inspection', () => {
	it('everything holds where nothing is missing, and each check names its law', () => {
		const checks = checksOf(TASK, BOTH, TODAY, [TASK], MATTERS);
		expect(checks.filter((each) => each.state !== 'good')).toEqual([]);
		expect(checks.every((each) => each.basis.length > 0 && each.basis.every((one) => one.source && one.says))).toBe(true);
	});

	it.each<[string, Partial<TaskCard>, Check['state']]>([
		['one of them has no certificate', { inspectors: [inspector('甲'), inspector('乙', null, null)] }, 'stop'],
		['one certificate ended yesterday', { inspectors: [inspector('甲'), inspector('乙', '2026-11-25')] }, 'stop'],
		['one certificate ends today', { inspectors: [inspector('甲'), inspector('乙', TODAY)] }, 'good'],
		['a third has none', { inspectors: [inspector('甲'), inspector('乙'), inspector('丙', null, null)] }, 'good'],
		['there is one inspector only', { inspectors: [inspector('甲')] }, 'stop'],
	])('two inspectors with certificates: %s', (_, task, state) => {
		expect(states(task)['两名以上持证检查人员']).toBe(state);
	});

	it.each<[string, Declarations, Check['state']]>([
		['nobody has said anything', NOTHING_DECLARED, 'warn'],
		['one has said it', said(['甲', 'no_interest']), 'warn'],
		['one has an interest', said(['甲', 'no_interest'], ['乙', 'recused']), 'stop'],
		['somebody else said it', said(['甲', 'no_interest'], ['丙', 'no_interest']), 'warn'],
	])('recusal: %s', (_, declared, state) => {
		expect(states({}, declared)['回避声明']).toBe(state);
	});

	it.each<[string, string, Partial<TaskCard>]>([
		['检查已经批准', 'no approval', { approvalNo: null }],
		['检查通知书', 'no notice', { noticeNo: null }],
		['年度检查频次', 'the cap is passed', { yearCount: 5 }],
		['在检查期限内', 'too early', { opensOn: '2026-11-27' }],
		['在检查期限内', 'too late', { dueOn: '2026-11-25' }],
		['检查事项在公布的清单内', 'an item that is not on the list', { items: ['UNHEARD_OF'] }],
		['扫码入企', 'a code is asked for', { asksEntryCode: true }],
	])('%s is minded, and stops nobody: %s', (name, _, task) => {
		const found = states(task);
		expect(found[name]).toBe('warn');
		expect(Object.values(found)).not.toContain('stop');
	});

	it('asks neither approval nor notice of what is no enterprise', () => {
		expect(Object.values(states({ isEnterprise: false, approvalNo: null, noticeNo: null }))).not.toContain('warn');
	});

	it('minds another open task at the same object, and no finished one', () => {
		const other = { ...TASK, id: 'other', number: '2' };
		expect(states({}, BOTH, [other])['年度检查频次']).toBe('warn');
		expect(states({}, BOTH, [{ ...other, isFinished: true }])['年度检查频次']).toBe('good');
	});
});

/** A case of the table that the server is tested with, as this phone would see it. */
interface Case {
	readonly name: string;
	readonly visit: Record<string, any>;
	readonly expect: Record<string, string>;
	readonly phone: boolean;
}

describe('the rules that the server judges by too', () => {
	const cases = (vectors.cases as unknown as Case[]).filter((each) => each.phone);

	it.each(cases.map((each) => [each.name, each] as const))('%s', (_, each) => {
		const visit: Record<string, any> = { ...vectors.base, ...each.visit };
		const task: TaskCard = {
			...TASK,
			isEnterprise: visit['enterprise'],
			items: visit['items'],
			yearCount: visit['year_count'],
			mostAYear: visit['cap'],
			asksEntryCode: visit['asks_entry_code'],
			mode: visit['mode'],
			opensOn: visit['opens_on'],
			dueOn: visit['due_on'],
			approvalNo: visit['papers']['approval_no'],
			noticeNo: visit['papers']['notice_no'],
			inspectors: visit['people'].map((one: Record<string, any>) => inspector(one['id'], one['valid_to'], one['certificate'])),
		};
		const others = visit['beside'].map((number: string) => ({ ...TASK, id: number, number }));
		const matters = (visit['listed'] ?? []).map((code: string) => ({ code, name: code, basis: '《矿产资源法》' }));
		const declared = said(...(Object.entries(visit['recusals']) as [string, Recusal['answer']][]));

		const checks = checksOf(task, declared, visit['today'], others, matters);

		for (const [rule, outcome] of Object.entries(each.expect)) {
			const check = checks.find((one) => one.rule === rule);
			// What is not asked for on entry is not shown at all.
			expect(check?.outcome ?? 'not_asked').toBe(outcome);
		}
	});

	it('are many, so that none is left out by a slip', () => {
		expect(cases.length).toBeGreaterThan(30);
	});
});

describe('what the server found besides', () => {
	const told = (rule: string, outcome: string, allowed: { by: string; reason: string } | null = null) => ({ rule, outcome, facts: ['据服务器'], allowed });

	it('is shown where this phone cannot judge it, and stops only what nobody may allow', () => {
		const found = states({ told: [told('plan.published', 'unpublished'), told('secrecy.kept', 'networked')] });
		expect(found['列入已公布的年度计划']).toBe('warn');
		expect(found['涉密事项']).toBe('stop');
	});

	it('counts for the two inspectors where it knows that one of them does not', () => {
		const checks = checksOf({ ...TASK, told: [told('inspectors.two', 'too_few')] }, BOTH, TODAY, [], MATTERS);
		expect(checks.filter((each) => each.rule === 'inspectors.two').map((each) => each.state)).toEqual(['stop']);
	});

	it('stops a department of a joint visit for its own people, and not for those of another', () => {
		const section = { id: 'ny', name: '能源局', inspectors: ['甲', '乙'], items: [], forms: [], dueOn: TODAY };
		const people = [inspector('甲'), inspector('乙'), inspector('丙', null, null)];
		const short = (name: string) => ({ ...told('inspectors.two', 'section_too_few'), facts: [`持证人员少于两名的部门：${name}`] });
		const joint = (each: Partial<TaskCard>) => states({ section, inspectors: people, ...each });
		expect(joint({ told: [short('应急局')] })['两名以上持证检查人员']).toBe('warn');
		expect(joint({ told: [short('能源局')] })['两名以上持证检查人员']).toBe('stop');
		expect(joint({ inspectors: [inspector('甲'), inspector('丙')] })['两名以上持证检查人员']).toBe('stop');
		expect(joint({})['回避声明']).toBe('good');
	});

	it('says who allowed what is forbidden, and why', () => {
		const over = told('visits.cap', 'over', { by: '李某', reason: '举报核查' });
		const checks = checksOf({ ...TASK, yearCount: 5, told: [over] }, BOTH, TODAY, [], MATTERS);
		expect(checks.find((each) => each.rule === 'visits.cap')?.facts).toContain('李某 已准许：举报核查');
	});

	it('is left alone where this version has never heard of the rule', () => {
		expect(states({ told: [told('rule.of-tomorrow', 'holds')] })).toEqual(states({}));
	});
});

describe('what was declared', () => {
	const sealing = {
		row: { record: 'r', task: 't', form: 'f', version: '1', definition: '', xml: '', parents: [], beganAt: '', savedAt: '' },
		xml: '<data/>',
		measurements: [],
		files: [],
		inherited: [],
		author: '甲',
		device: 'd',
		devSeq: 1,
		lastRev: null,
		key: null,
		keyId: null,
		mono: 0,
		boot: 'b',
		beacon: null,
	};
	const bytesOf = async (declarations: Declarations) => {
		const op = await sealRevision({ ...sealing, declarations });
		return JSON.parse(new TextDecoder().decode(Uint8Array.from(atob(String(op.item['bytes'])), (each) => each.charCodeAt(0)))) as object;
	};

	it('is sealed with the record, and nothing is said where nothing was', async () => {
		expect(await bytesOf(BOTH)).toMatchObject({ declarations: { recusal: [{ person: '甲', answer: 'no_interest' }, { person: '乙' }] } });
		expect(await bytesOf(NOTHING_DECLARED)).not.toHaveProperty('declarations');
	});
});
