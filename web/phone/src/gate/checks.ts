/**
 * What is looked at before an inspection begins (检查前核对), from what this phone knows without a network.
 *
 * What is missing is told with why it matters. Only what the law forbids stops anybody: fewer than two inspectors with
 * certificates, and an inspector who has an interest (《行政处罚法》第四十二、四十三条).
 */
import type { Declarations } from '../work/declarations';
import type { TaskCard } from '../views/cards';
import * as law from './law';

/** The name of the check that inspectors answer themselves. */
export const RECUSAL = '回避声明';

export interface Matter {
	readonly code: string;
	readonly name: string;
	readonly basis: string;
}

export interface Check {
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
	return [
		inspectors(task, today),
		recusal(task, declared),
		approval(task),
		notice(task),
		listed(task, matters),
		frequency(task, others),
		period(task, today),
		...(task.asksEntryCode ? [entryCode()] : []),
		discipline(),
	];
}

function inspectors(task: TaskCard, today: string): Check {
	const isValid = (until: string | null) => until === null || until >= today;
	const valid = task.inspectors.filter((each) => each.certificate !== null && isValid(each.validTo));
	const told = task.inspectors.map((each) => {
		if (each.certificate === null) return `${each.name}：没有有效的执法证`;
		return `${each.name}：${each.certificate}，有效期至 ${each.validTo ?? '（未登记）'}${isValid(each.validTo) ? '' : '，已过期'}`;
	});
	const holds = valid.length >= 2;
	return {
		name: '两名以上持证检查人员',
		english: 'Two inspectors with certificates',
		state: holds ? 'good' : 'stop',
		facts: told,
		why: holds ? '' : '少于两名持证人员，检查无效，当事人有权拒绝。请联系单位调整人员；证件刚换发的，先同步一次。',
		basis: [law.TWO_INSPECTORS],
	};
}

function recusal(task: TaskCard, declared: Declarations): Check {
	const answers = task.inspectors.map((each) => ({ each, said: declared.recusal.find((one) => one.person === each.id) }));
	const isRecused = answers.some(({ said }) => said?.answer === 'recused');
	const isMissing = answers.some(({ said }) => said === undefined);
	return {
		name: RECUSAL,
		english: 'Declaration of no interest',
		state: isRecused ? 'stop' : isMissing ? 'warn' : 'good',
		facts: answers.map(({ each, said }) => `${each.name}：${said ? (said.answer === 'recused' ? '需要回避' : '无利害关系') : '未声明'}`),
		why: isRecused
			? '有利害关系的应当回避，不得参加检查。请联系单位换人。'
			: isMissing
				? '每名检查人员都应声明与被检查单位没有利害关系；声明随记录一起封存。'
				: '',
		basis: [law.RECUSAL],
	};
}

function approval(task: TaskCard): Check {
	const isMissing = task.approvalNo === null && task.isEnterprise;
	return {
		name: '检查已经批准',
		english: 'Approved',
		state: isMissing ? 'warn' : 'good',
		facts: [task.approvalNo ? `行政检查审批表 ${task.approvalNo}` : '任务中没有审批表编号'],
		why: isMissing ? '未经批准不得检查企业；确属紧急的，在表中写明理由，事后补办。有纸质审批表的，把编号填入表中。' : '',
		basis: [law.APPROVAL],
	};
}

function notice(task: TaskCard): Check {
	const isMissing = task.noticeNo === null && task.isEnterprise;
	return {
		name: '检查通知书',
		english: 'Notice of inspection',
		state: isMissing ? 'warn' : 'good',
		facts: [task.noticeNo ? `行政检查通知书 ${task.noticeNo}` : '任务中没有通知书编号'],
		why: isMissing ? '到场先出示通知书；没有编号的，把纸质通知书的编号填入表中。' : '',
		basis: [law.NOTICE],
	};
}

function listed(task: TaskCard, matters: readonly Matter[]): Check {
	const known = task.items.map((code) => ({ code, matter: matters.find((each) => each.code === code) }));
	const isMissing = matters.length > 0 && known.some(({ matter }) => matter === undefined);
	const found = known.flatMap(({ matter }) => (matter ? [matter] : []));
	return {
		name: '检查事项在公布的清单内',
		english: 'Items are on the published list',
		state: isMissing || matters.length === 0 ? 'warn' : 'good',
		facts: known.map(({ code, matter }) => matter?.name ?? `${code}（本机的清单中没有）`),
		why: matters.length === 0 ? '事项清单尚未下载到本机，请同步一次。' : isMissing ? '清单以外的事项不得检查，请与单位核实。' : '',
		basis: [law.MATTERS, ...found.map((each) => ({ source: each.name, says: each.basis }))],
	};
}

function frequency(task: TaskCard, others: readonly TaskCard[]): Check {
	const { mostAYear, yearCount, lastVisit } = task;
	const isOver = mostAYear !== null && yearCount > mostAYear;
	const beside = others.filter((each) => each.id !== task.id && each.objectId === task.objectId && !each.isFinished);
	const last = lastVisit ? `上次检查 ${lastVisit.on}：${lastVisit.result}${lastVisit.problem ? `，${lastVisit.problem}` : ''}` : '没有以前检查的记录';
	return {
		name: '年度检查频次',
		english: 'Inspections a year',
		state: isOver || beside.length > 0 ? 'warn' : 'good',
		facts: [
			`本年度第 ${yearCount} 次，${mostAYear === null ? '上限未登记' : `上限 ${mostAYear} 次`}`,
			last,
			...beside.map((each) => `同一对象还有任务 ${each.number}，${each.dueOn} 到期`),
		],
		why: isOver ? '超过年度频次上限，不是上级部署的专项检查的，请先与单位核实。' : beside.length > 0 ? '同一对象的任务应合并，进一次门、查多项事。' : '',
		basis: [law.FREQUENCY],
	};
}

function period(task: TaskCard, today: string): Check {
	const isEarly = today < task.opensOn;
	const isLate = today > task.dueOn;
	return {
		name: '在检查期限内',
		english: 'Within the period',
		state: isEarly || isLate ? 'warn' : 'good',
		facts: [`${task.opensOn} 至 ${task.dueOn}`],
		why: isEarly ? '检查期限还没有开始。' : isLate ? '检查期限已过，记录会注明逾期；请告知计划部门。' : '',
		basis: [law.PERIOD],
	};
}

function entryCode(): Check {
	return {
		name: '扫码入企',
		english: 'Code scanned on entry',
		state: 'warn',
		facts: ['本单位要求扫码或亮码入企'],
		why: '到场先扫码或亮码，把记录号填入表中的“入企检查码”。',
		basis: [law.ENTRY_CODE],
	};
}

function discipline(): Check {
	return { name: '检查纪律', english: 'Discipline of inspectors', state: 'good', facts: ['到场向被检查单位宣读，并在表中勾选'], why: '', basis: [law.DISCIPLINE] };
}
