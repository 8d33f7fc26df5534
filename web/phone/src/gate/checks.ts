/**
 * What is looked at before an inspection begins (检查前核对), from what this phone knows without a network, and what the
 * server found besides.
 *
 * Rules, law and what each outcome means are the server's table (`law.ts`). Only what nobody may allow stops anybody here:
 * fewer than two inspectors with certificates, an inspector who has an interest (《行政处罚法》第四十二、四十三条), a secret
 * over a network. All else that is forbidden is told, for the office, or a paper that is filled into the form, can still
 * put it right.
 */
import type { Declarations } from '../work/declarations';
import type { Inspector, TaskCard, Told } from '../views/cards';
import * as law from './law';

/** The name of the check that inspectors answer themselves. */
export const RECUSAL = '回避声明';
/** The name of the check that a code is scanned for. */
export const ENTRY = '扫码入企';

export interface Matter {
	readonly code: string;
	readonly name: string;
	readonly basis: string;
}

export interface Check {
	/** The rule's code; `discipline` is none. */
	readonly rule: string;
	/** What the rule came to, by the table. */
	readonly outcome: string;
	/** What is checked, as it is called in records. */
	readonly name: string;
	readonly english: string;
	readonly state: 'good' | 'warn' | 'stop';
	/** What this phone knows of it. */
	readonly facts: readonly string[];
	/** What follows when it does not hold; empty when it does. */
	readonly why: string;
	readonly basis: readonly law.Basis[];
}

/** Makes all checks of a task. `today` as the wire writes dates; `others`: all tasks on this phone. */
export function checksOf(
	task: TaskCard,
	declared: Declarations,
	today: string,
	others: readonly TaskCard[],
	matters: readonly Matter[],
): Check[] {
	const own = [
		inspectors(task, today),
		recusal(task, declared),
		approval(task),
		notice(task),
		listed(task, matters),
		frequency(task, others),
		period(task, today),
		entryCode(task, declared),
	].filter((each) => each.outcome !== 'not_asked' || each.rule !== 'entry.code');
	return [...own.map((each) => allowedBy(task, better(task, each))), ...besides(task, own), discipline()];
}

function found(code: string, outcome: string, facts: readonly string[], more: readonly law.Basis[] = []): Check {
	const rule = law.RULES.get(code)!;
	const means = rule.outcomes[outcome]!;
	const isFinal = means.verdict === 'block' && !rule.isOverridable;
	return {
		rule: code,
		outcome,
		name: rule.name,
		english: rule.nameEn,
		state: means.verdict === 'allow' ? 'good' : isFinal ? 'stop' : 'warn',
		facts,
		why: means.why ?? '',
		basis: [...rule.bases, ...more],
	};
}

/** Adds who in the office allowed what a check came to, and why. */
function allowedBy(task: TaskCard, check: Check): Check {
	const allowed = task.told.find((each) => each.rule === check.rule && each.outcome === check.outcome)?.allowed;
	return allowed ? { ...check, facts: [...check.facts, `${allowed.by} 已准许：${allowed.reason}`] } : check;
}

/** Takes the server's word where it knows better: that somebody who holds a certificate doesn't count. */
function better(task: TaskCard, check: Check): Check {
	const told = check.rule === 'inspectors.two' && check.state === 'good' ? toldOf(task).find((each) => each.rule === check.rule) : undefined;
	if (told === undefined) return check;
	const better = found(told.rule, told.outcome, told.facts);
	const isOthers = told.outcome === 'section_too_few' && task.section !== null && !told.facts.some((fact) => fact.includes(task.section!.name));
	// Another department may not inspect; one's own may.
	return isOthers ? { ...better, state: 'warn' } : better;
}

/** What the server found by rules that this phone doesn't judge. */
function besides(task: TaskCard, own: readonly Check[]): Check[] {
	const judged = new Set([...own.map((each) => each.rule), 'entry.code']);
	return toldOf(task)
		.filter((each) => !judged.has(each.rule))
		.map((each) => allowedBy(task, found(each.rule, each.outcome, each.facts)));
}

/** What was told by rules and outcomes that this version knows. */
function toldOf(task: TaskCard): readonly Told[] {
	return task.told.filter((each) => law.RULES.get(each.rule)?.outcomes[each.outcome] !== undefined);
}

/** Who inspects for one's own department in a joint visit, and everybody in any other. */
export function crewOf(task: TaskCard): readonly Inspector[] {
	return task.section ? task.inspectors.filter((each) => task.section!.inspectors.includes(each.id)) : task.inspectors;
}

function inspectors(task: TaskCard, today: string): Check {
	const isValid = (until: string | null) => until === null || until >= today;
	const crew = crewOf(task);
	const valid = crew.filter((each) => each.certificate !== null && isValid(each.validTo));
	const told = crew.map((each) => {
		if (each.certificate === null) return `${each.name}：没有有效的执法证`;
		return `${each.name}：${each.certificate}，有效期至 ${each.validTo ?? '（未登记）'}${isValid(each.validTo) ? '' : '，已过期'}`;
	});
	return found('inspectors.two', valid.length >= 2 ? 'holds' : task.section ? 'section_too_few' : 'too_few', told);
}

function recusal(task: TaskCard, declared: Declarations): Check {
	const answers = crewOf(task).map((each) => ({ each, said: declared.recusal.find((one) => one.person === each.id) }));
	const isRecused = answers.some(({ said }) => said?.answer === 'recused');
	const isMissing = answers.some(({ said }) => said === undefined);
	const told = answers.map(({ each, said }) => `${each.name}：${said ? (said.answer === 'recused' ? '需要回避' : '无利害关系') : '未声明'}`);
	return found('recusal.answered', isRecused ? 'recused' : isMissing ? 'unanswered' : 'holds', told);
}

function approval(task: TaskCard): Check {
	const outcome = !task.isEnterprise ? 'not_asked' : task.approvalNo === null ? 'missing' : 'holds';
	return found('approval.given', outcome, [task.approvalNo ? `行政检查审批表 ${task.approvalNo}` : '任务中没有审批表编号']);
}

function notice(task: TaskCard): Check {
	const outcome = !task.isEnterprise ? 'not_asked' : task.noticeNo === null ? 'missing' : 'holds';
	return found('notice.given', outcome, [task.noticeNo ? `行政检查通知书 ${task.noticeNo}` : '任务中没有通知书编号']);
}

function listed(task: TaskCard, matters: readonly Matter[]): Check {
	const known = task.items.map((code) => ({ code, matter: matters.find((each) => each.code === code) }));
	const there = known.flatMap(({ matter }) => (matter ? [matter] : []));
	const outcome = matters.length === 0 ? 'unknown' : there.length < known.length ? 'unlisted' : 'holds';
	return found(
		'items.listed',
		outcome,
		known.map(({ code, matter }) => matter?.name ?? `${code}（本机的清单中没有）`),
		there.map((each) => ({ source: each.name, says: each.basis })),
	);
}

function frequency(task: TaskCard, others: readonly TaskCard[]): Check {
	const { mostAYear, yearCount, lastVisit } = task;
	const isOver = task.isEnterprise && mostAYear !== null && yearCount > mostAYear;
	const beside = others.filter((each) => each.id !== task.id && each.objectId === task.objectId && !each.isFinished);
	const last = lastVisit ? `上次检查 ${lastVisit.on}：${lastVisit.result}${lastVisit.problem ? `，${lastVisit.problem}` : ''}` : '没有以前检查的记录';
	return found('visits.cap', isOver ? 'over' : beside.length > 0 ? 'beside' : 'holds', [
		`本年度第 ${yearCount} 次，${mostAYear === null ? '上限未登记' : `上限 ${mostAYear} 次`}`,
		last,
		...beside.map((each) => `同一对象还有任务 ${each.number}，${each.dueOn} 到期`),
	]);
}

function period(task: TaskCard, today: string): Check {
	const outcome = today < task.opensOn ? 'early' : today > task.dueOn ? 'late' : 'holds';
	return found('period.kept', outcome, [`${task.opensOn} 至 ${task.dueOn}`]);
}

function entryCode(task: TaskCard, { entry }: Declarations): Check {
	const isAsked = task.asksEntryCode && task.isEnterprise && law.modeOf(task.mode).needs.includes('entry_code');
	if (entry) return found('entry.code', isAsked ? 'scanned' : 'not_asked', [`${entry.how === 'typed' ? '手工输入' : '扫码'}：${entry.code}`]);
	return found('entry.code', isAsked ? 'to_scan' : 'not_asked', ['本单位要求扫码或亮码入企']);
}

function discipline(): Check {
	return {
		rule: 'discipline',
		outcome: 'told',
		name: '检查纪律',
		english: 'Discipline of inspectors',
		state: 'good',
		facts: ['到场向被检查单位宣读，并在表中勾选'],
		why: '',
		basis: [law.DISCIPLINE],
	};
}
