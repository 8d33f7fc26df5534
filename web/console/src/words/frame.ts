/** Words of the frame and the way in. */
export const FRAME: Readonly<Record<string, string>> = {
	Merestone: '界石',
	'Merestone console': '界石工作台',
	'Draws, reviews, results and their publication.': '抽取、审核、结果录入与公示。',
	'User name': '用户名',
	Password: '密码',
	'Sign in': '登录',
	'Sign out': '退出登录',
	'The server could not be reached.': '无法连接服务器，请检查网络。',
	Pages: '页面',
	Review: '审核',
	Close: '关闭',
	Again: '重试',
	Refresh: '刷新',
	More: '更多',
	None: '取消选择',
};
