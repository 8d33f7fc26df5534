/** Results as the API shows them, and what their codes are called (`server/results/codes.py`). */
import { today } from '../days';
import type { Column } from '../lists/columns';
import { inHalf, moment, say } from '../texts';

export interface ResultRow {
	readonly id: string;
	readonly object_name: string;
	readonly task_number: string;
	readonly item_name: string;
	readonly item_code: string;
	readonly record_id: string;
	readonly codes: readonly string[];
	readonly followup_codes: readonly string[];
	readonly findings_text: string;
	readonly rectify_by: string | null;
	readonly state: 'draft' | 'confirmed' | 'released';
	readonly version: number;
	readonly correction: string | null;
	readonly objection: string | null;
	readonly inspected_on: string;
	readonly due_on: string;
	readonly due_rule: string;
	readonly publish_on: string | null;
	readonly estimated: boolean;
	readonly confirmed_at: string | null;
	readonly released_at: string | null;
	readonly closed_at: string | null;
}

export const CODES: Readonly<Record<string, string>> = {
	NO_PROBLEM: '未发现问题',
	CORRECTED_ON_ORDER: '发现问题已责令改正',
	NO_RELATED_ACTIVITY: '未发现开展本次抽查涉及的经营活动',
	CLOSED_OR_LIQUIDATING: '已关闭停业或正在组织清算',
	REFUSED_SERIOUS: '不配合检查情节严重',
	DEREGISTERED: '注销',
	REVOKED: '被吊销',
	ANNULLED: '被撤销',
	MOVED_AWAY: '迁出',
	UNREACHABLE: '通过登记的住所（经营场所）无法联系',
	NOT_PUBLICISED: '未按规定公示应当公示的信息',
	FALSE_PUBLICITY: '公示信息隐瞒真实情况、弄虚作假',
	PENDING_FOLLOWUP: '发现问题待后续处理',
	OTHER_BREACH_OWN_DEPT: '违反本部门其他规定',
	OTHER_BREACH_OTHER_DEPT: '违反其他部门相关规定',
	QUALIFIED: '合格',
	UNQUALIFIED: '不合格',
	NOT_CHECKED: '未检查',
	OTHER: '其他',
	NONE: '无需后续处置',
	DAILY_SUPERVISION: '反馈至日常监管',
	ORDER_RECTIFY: '责令限期改正',
	CASE_TRANSFER_INTERNAL: '移送办案机构',
	TRANSFER_OTHER_DEPT: '抄告其他部门',
	TRANSFER_POLICE: '移送公安机关',
	ABNORMAL_LIST: '列入异常名录',
	SERIOUS_DISHONEST: '列入严重失信主体',
	CREDIT_RECORD: '记入信用档案',
	SECOND_CHECK: '再次检查',
	REVISIT: '回访',
	PENALTY: '行政处罚',
};

/** The official words; what has none is shown as it is written. */
export const inCodes = (codes: readonly string[]): string => codes.map((code) => CODES[code] ?? code).join('；');

export const STATES = [
	['draft', 'drafted'],
	['confirmed', 'confirmed'],
	['released', 'released'],
] as const;
const NAMES: Readonly<Record<string, string>> = Object.fromEntries(STATES);
export const isLate = (result: ResultRow): boolean =>
	result.state !== 'released' && result.due_on < today();

export const COLUMNS: readonly Column<ResultRow>[] = [
	{ key: 'object', name: 'Inspected object', text: (each) => each.object_name, width: 220 },
	{ key: 'item', name: 'Item', text: (each) => each.item_name, width: 180 },
	{ key: 'codes', name: 'Result', text: (each) => inCodes(each.codes), width: 200 },
	{ key: 'state', name: 'State', text: (each) => say.value(NAMES[each.state]!), look: (each) => (each.state === 'released' ? 'good' : each.state === 'confirmed' ? 'warn' : 'plain'), width: 90 },
	{ key: 'due', name: 'Enter by', text: (each) => each.due_on + (isLate(each) ? say.value(' (late)') : ''), look: (each) => (isLate(each) ? 'bad' : undefined), width: 130 },
	{ key: 'followups', name: 'Follow-ups', text: (each) => inCodes(each.followup_codes), width: 180 },
	{ key: 'task', name: 'Number', text: (each) => each.task_number, width: 170 },
	{ key: 'inspected', name: 'Inspected on', text: (each) => each.inspected_on, width: 110 },
	{ key: 'publish', name: 'Publish by', text: (each) => each.publish_on ?? '', width: 110 },
	{ key: 'version', name: 'Version', text: (each) => String(each.version), width: 80, isExtra: true },
	{ key: 'rule', name: 'Rule', text: (each) => inHalf(each.due_rule), width: 220, isExtra: true },
	{ key: 'released', name: 'Released at', text: (each) => moment(each.released_at), width: 150, isExtra: true },
];
