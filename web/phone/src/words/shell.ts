/** Words of the application itself: starting, health, locking, training: Chinese by what they say in English. */
export const SHELL: Readonly<Record<string, string>> = {
	'Back': '返回',
	'Choose a PIN for this phone': '请为本机设置口令',
	'Enter the PIN of this phone': '请输入本机口令',
	'It encrypts everything you record here. Without it nobody reads this phone, not even with the memory taken out.':
		'本机上的记录、照片、录音都用它加密。没有口令，即使取出存储也无法读取。',
	'PIN': '口令',
	'PIN, once more': '再输一次',
	'Set the PIN': '设置口令',
	'Unlock': '解锁',
	'One moment…': '请稍候…',
	'Digits only': '只用数字',
	'With letters': '使用字母',
	'Forgot the PIN?': '忘记口令？',
	'At least 6 digits or characters.': '至少 6 位数字或字符。',
	'Too easy to guess: a run such as 123456 or 111111.': '太容易猜到：不要用 123456、111111 这样的口令。',
	'Too easy to guess: the same few characters again and again.': '太容易猜到：不要反复使用同样几位。',
	'The two are not the same.': '两次输入不一致。',
	'That is not the PIN.': '口令不正确。',
	'Wait {n} seconds before the next try.': '请等 {n} 秒后再试。',
	'Sign in with a network, and choose a new PIN. Nothing on this phone is lost.': '请联网登录后重新设置口令。本机内容不会丢失。',
	'The key is kept by your organisation': '密钥由本单位保管',
	'Give these characters to your administrator, and enter what comes back. Nothing on this phone is lost.':
		'请把下面这串字符交给管理员，再填入管理员给出的代码。本机内容不会丢失。',
	'Code from the administrator': '管理员给出的代码',
	'This code does not belong to this phone.': '此代码不属于本机。',
	'This phone has not reached the server for too long': '本机太久没有连上服务器',
	'What you recorded is kept, and is sent as soon as there is a network. To open tasks and records, go online; sign in if you are asked to.':
		'已采集的内容都在，有网络时会自动上传。要打开任务和记录，请联网；如有提示请重新登录。',
	'Try to reach the server': '连接服务器',
	'This device was blocked': '此设备已停用',
	'The key of this phone was destroyed. What was recorded here is still here, encrypted; your organisation can open it. Hand the phone to your administrator.':
		'本机密钥已销毁。已采集的内容仍加密保存在本机，本单位可以打开。请把手机交给管理员。',
};
