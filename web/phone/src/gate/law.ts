/** The legal bases of what is checked before an inspection, as text to read without a network. */
export interface Basis {
	/** Law or document, with the article where it has one. */
	readonly source: string;
	/** What it says of this, in short; quoted where it stands in quotation marks. */
	readonly says: string;
}

const OPINION = '国务院办公厅《关于严格规范涉企行政检查的意见》（国办发〔2024〕54号）';

export const TWO_INSPECTORS: Basis = {
	source: '《中华人民共和国行政处罚法》第四十二条、第五十五条',
	says: '执法人员应当具有行政执法资格，不得少于两人；检查时应当主动出示执法证件，不出示的，当事人有权拒绝检查。',
};
export const RECUSAL: Basis = {
	source: '《中华人民共和国行政处罚法》第四十三条',
	says: '执法人员与案件有直接利害关系或者有其他关系可能影响公正执法的，应当回避；当事人有权申请回避。',
};
export const APPROVAL: Basis = {
	source: OPINION,
	says: '检查企业应事先经本行政机关负责人批准；情况紧急需要当场检查的，事后及时报告并补办批准手续。',
};
export const NOTICE: Basis = {
	source: OPINION,
	says: '检查企业应事先制作行政检查通知书，检查时出示；紧急情况除外。',
};
export const MATTERS: Basis = {
	source: OPINION,
	says: '行政检查事项应当公布；未公布的事项不得实施检查。',
};
export const FREQUENCY: Basis = {
	source: OPINION,
	says: '公布同一企业的年度检查频次上限；能合并的合并检查，不重复检查。',
};
export const DISCIPLINE: Basis = {
	source: `${OPINION}：“五个严禁”“八个不得”`,
	says:
		'严禁逐利检查，严禁干扰企业正常生产经营，严禁刻意要求法定代表人到场，严禁下达检查指标，严禁变相检查；' +
		'不得接受馈赠、宴请、娱乐、旅游，不得由企业负担检查费用；第三方机构和没有执法证的人员不得实施检查。',
};
export const ENTRY_CODE: Basis = {
	source: '全国行政执法监督信息系统“扫码入企”要求，及当地规定',
	says: '入企检查先亮码或者扫码，留下检查记录；紧急情况除外。',
};
export const PERIOD: Basis = {
	source: '年度抽查工作计划',
	says: '抽查在任务的起止日期内完成；逾期须由计划部门说明或者调整。',
};
