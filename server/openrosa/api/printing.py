"""A page for a supervisor to print: the code to scan, and what to do with it, without scripts and from nowhere else."""

import base64
from html import escape
from typing import Final

_PAGE: Final = """<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>手机设置码 {person}</title>
<style>
body{{font:16px/1.7 "Noto Sans CJK SC",system-ui,sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem;color:#111}}
h1{{font-size:1.5rem;margin:0}} img{{width:11cm;height:11cm;image-rendering:pixelated}}
code{{font:11px/1.4 monospace;word-break:break-all;background:#f2f2f2;display:block;padding:.5em}}
.note{{border:2px solid #111;padding:.5em 1em}} @media print{{body{{margin:0}}}}
</style></head><body>
<h1>{person}（{username}）· {phone}</h1>
<p>{bureau}</p>
<img alt="设置码 Settings code" src="data:image/png;base64,{picture}">
<ol>
<li>在手机上打开 ODK Collect 或 KoboCollect，选“用二维码配置”。<br>Open ODK Collect or KoboCollect, choose “Configure with QR code”.</li>
<li>扫描上面的码。表单和任务自动下载，记录自动上传。<br>Scan the code. Forms and tasks come by themselves, records are sent by themselves.</li>
<li>换机或重装应用后，请管理员“解除绑定”，再扫描同一个码。<br>After a change of phones, have the key released and scan the same code.</li>
</ol>
<p class="note">此码等同密码，只供上面这一人一机使用；遗失请立即报告管理员停用。<br>
This code is a password for this one person and phone. Report its loss at once.</p>
<p>不能扫描时，把下面的文字保存为文件导入，或手工填写服务器地址：<br>Where it can't be scanned, enter the server's address by hand:</p>
<code>{url}</code>
<p>设置码文字 The code as text:</p>
<code>{code}</code>
</body></html>
"""


def write_page(
    person: str, username: str, phone: str, bureau: str, url: str, code: str, picture: bytes
) -> str:
    """Write the page of one key."""
    told = {
        "person": person,
        "username": username,
        "phone": phone,
        "bureau": bureau,
        "url": url,
        "code": code,
    }
    escaped = {name: escape(text) for name, text in told.items()}
    return _PAGE.format(**escaped, picture=base64.b64encode(picture).decode())
