/** The words of the phone, Chinese first. A key is what it says in English. */
import { computed, ref } from 'vue';
import { CAPTURE } from './words/capture';
import { FORMS } from './words/forms';
import { SHELL } from './words/shell';
import { SYNC } from './words/sync';
import { TASKS } from './words/tasks';

export type Language = 'zh' | 'en';

export const language = ref<Language>((localStorage.getItem('language') as Language | null) ?? 'zh');

const CHINESE: Readonly<Record<string, string>> = {
	Today: '今日',
	Tasks: '任务',
	Map: '地图',
	Me: '我的',
	'Sign in': '登录',
	'User name': '用户名',
	Password: '密码',
	'Signing in…': '正在登录…',
	'Field inspection': '外业检查',
	'Overdue': '已逾期',
	'Due today': '今日到期',
	'{n} days left': '还剩 {n} 天',
	'{n} days overdue': '逾期 {n} 天',
	'No tasks on this phone': '本机没有任务',
	'New tasks come with the next synchronisation.': '分派的任务会在下次同步时到达。',
	'Pull now': '立即同步',
	'Synchronising…': '正在同步…',
	'Offline': '离线',
	'Offline. You can go on working; everything is kept on this phone.': '离线中。可以继续工作，所有内容都保存在本机。',
	'Everything on this phone has arrived. You may switch it off or hand it back.': '本机全部已送达，可以关机或交还。',
	'{n} things have not arrived yet': '还有 {n} 项未送达',
	'Draft': '草稿',
	'Waiting': '待上传',
	'Sending': '上传中',
	'Arrived': '已送达',
	'Returned': '被退回',
	'Needs attention': '需处理',
	'Sign and send': '签署并提交',
	'Seal this record? It can\'t be changed after.': '确认提交？提交后不可再改。',
	'{n} answers are missing': '还差 {n} 项',
	'Nothing is missing': '已填写完整',
	'Next gap': '下一处',
	'Next section': '下一节',
	'Previous section': '上一节',
	'Add': '添加',
	'Remove': '删除',
	'Remove this entry?': '确认删除这一项？',
	'Take a photo': '拍照',
	'From the gallery': '相册导入',
	'Record sound': '录音',
	'Record video': '录像',
	'Choose a file': '选择文件',
	'Clear': '清除',
	'Sign here': '请在此签名',
	'Done': '完成',
	'Cancel': '取消',
	'OK': '确定',
	'Locate': '定位',
	'Locating…': '正在定位…',
	'Accuracy': '精度',
	'No position yet': '尚未定位',
	'The position could not be found: {why}': '无法定位：{why}',
	'Number': '编号',
	'Due': '截止日期',
	'Approval': '审批文号',
	'Notice': '通知文号',
	'none': '无',
	'Inspectors': '检查人员',
	'Lead': '主检',
	'Assisting': '协检',
	'Certificate': '执法证号',
	'Inspected object': '检查对象',
	'Licence': '许可证',
	'Forms': '检查表单',
	'Records': '检查记录',
	'Begin': '开始检查',
	'Go on': '继续填写',
	'Correct': '修改',
	'The form has not come to this phone yet.': '表单尚未下载到本机。',
	'Reason': '原因',
	'Saved on this phone': '已保存在本机',
	'Saving…': '正在保存…',
	'Not saved: {why}': '未能保存：{why}',
	'Storage': '存储空间',
	'about {n} photos': '约还能拍 {n} 张',
	'Sign out': '退出登录',
	'Language': '语言',
	'Large text': '大字版',
	'Outdoor': '户外模式',
	'This phone': '本机',
	'Health check': '本机检查',
	'Installed as an application': '已安装到桌面',
	'Storage is kept for good': '存储已持久化',
	'Free space': '可用空间',
	'Device key': '设备密钥',
	'Camera': '相机',
	'Positioning': '定位',
	'Clock': '时钟',
	'Open this page in the system\'s browser': '请在系统浏览器中打开',
	'Within this application nothing can be recorded.': '在此应用内无法取证。',
	'Copy the address': '复制链接',
	'Copied': '已复制',
	'Boundary and markers': '边界与界桩',
	'No boundary on this phone': '本机没有边界资料',
	'Two inspectors with valid certificates': '两名以上持证人员',
	'Approved': '已审批',
	'Notice given': '已通知',
	'In time': '在检查期限内',
	'Before you begin': '检查前核对',
	...CAPTURE,
	...FORMS,
	...SHELL,
	...SYNC,
	...TASKS,
};

/** Says something in the language of the phone; `{name}` is filled in. */
export const say = computed(() => (english: string, values: Record<string, string | number> = {}): string => {
	const text = language.value === 'zh' ? (CHINESE[english] ?? english) : english;
	return text.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ''));
});

export function speakIn(chosen: Language): void {
	language.value = chosen;
	localStorage.setItem('language', chosen);
	document.documentElement.lang = chosen === 'zh' ? 'zh-CN' : 'en';
}

/** Takes the half of a title that is in the phone's language: titles of forms are `中文 / English`. */
export function inWords(title: string): string {
	const [chinese, english] = title.split(' / ');
	return (language.value === 'zh' ? chinese : english) ?? title;
}
