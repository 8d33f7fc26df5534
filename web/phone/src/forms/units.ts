/** The unit of a number, as its label tells it in brackets: 深度（米）, Depth (m). */

const UNITS = new Set([
	...['毫米', '厘米', '米', '千米', '公里', '平方米', '平方千米', '公顷', '亩', '立方米', '吨', '万吨', '元', '万元', '度', '分', '秒'],
	...['年', '月', '天', '小时', '人', '台', '台、套', '份、件', '件', '%', '％'],
	...['mm', 'cm', 'm', 'km', 'm²', 'km²', 'ha', 'm³', 't', '10,000 t', 'CNY', 'CNY 10,000', 'yuan', '10,000 yuan'],
	...['degrees', 'years', 'months', 'days', 'hours'],
]);

/** Gives the unit that stands in a label's last brackets; empty where what stands there is none. */
export function unitOf(label: string): string {
	const told = /[（(]([^（）()]+)[）)][^（）()]*$/.exec(label)?.[1] ?? '';
	const whole = told.trim();
	if (UNITS.has(whole)) return whole;
	const first = whole.split(/[，,]/)[0]!.trim();
	return UNITS.has(first) ? first : '';
}
