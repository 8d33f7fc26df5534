"""Is a document genuine: for whoever may read it, and for everybody who holds the paper."""

from typing import Any
from uuid import UUID

from flask import Response, jsonify, render_template_string, request

from server.db import Json
from server.documents import schemas, service
from server.documents.api.blueprint import blp, public_blp
from server.documents.checking import Check
from server.http import actor, public, session, store

_PAGE = """<!doctype html>
<html lang="zh-CN"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>文书核验</title>
<style>body{font:16px/1.7 system-ui,sans-serif;max-width:40rem;margin:2rem auto;padding:0 1rem;color:#111}
dl{display:grid;grid-template-columns:7rem 1fr;gap:.3rem 1rem}dt{color:#555}dd{margin:0;overflow-wrap:anywhere}
.good{color:#0a6b2d}.bad{color:#a01313}input{width:100%;box-sizing:border-box;font:inherit;padding:.3rem}
label{display:block;margin:.6rem 0}</style>
<h1>文书核验</h1>
{% if verdict.issued %}
<p class="{{ 'good' if verdict.state == 'issued' else 'bad' }}"><strong>{{ words }}</strong></p>
<dl><dt>文书</dt><dd>{{ verdict.title }}</dd><dt>文号</dt><dd>{{ verdict.number }}</dd>
<dt>制作机关</dt><dd>{{ verdict.organisation }}</dd><dt>制作日期</dt><dd>{{ verdict.issued_on }}</dd>
<dt>版次</dt><dd>第 {{ verdict.version }} 次制作{% if verdict.newest_version > verdict.version %}，现行为第
{{ verdict.newest_version }} 次{% endif %}</dd>
<dt>相符的是</dt><dd>{{ '文件（PDF）本身' if verdict.matches == 'file' else '内容哈希值，请与纸面页脚所印核对' }}</dd></dl>
{% else %}
<p class="bad"><strong>没有制作过与之相符的文书：文号、哈希值或内容有误，或文书不是本机关制作。</strong></p>
{% endif %}
<form action="/public/documents/verify"><label>文号 <input name="number" required maxlength="200"></label>
<label>SHA-256（64 位，PDF 文件的或内容的） <input name="sha256" required pattern="[0-9a-fA-F]{64}"></label>
<button>核验</button></form>
<p>核验只告诉您这份文书是否由本机关制作，不显示文书内容和任何个人信息。</p>
</html>
"""
_STATES = {
    "issued": "相符：本机关制作的现行文书。",
    "superseded": "相符，但已被后来制作的同号文书代替。",
    "withdrawn": "相符，但该文书已撤回。",
}


@blp.get("/documents/<uuid:document_id>/check")
@blp.response(200, schemas.DocumentCheckSchema(many=True))
def check_document(document_id: UUID) -> list[Check]:
    """Check a document anew: file, content, and for a record the bytes and signatures that it rests on."""
    return service.check_document(session, actor, document_id, store())


@public_blp.get("/documents/<uuid:document_id>")
@public_blp.arguments(schemas.HashQuerySchema, location="query")
@public_blp.response(200, schemas.VerdictSchema)
@public
def verify_document(query: dict[str, Any], document_id: UUID) -> Response:
    """Say whether a document was issued with this content; where the code on the paper leads. A page in a browser."""
    return _answer(service.verify_issued(session, document_id, query["sha256"]))


@public_blp.get("/documents/verify")
@public_blp.arguments(schemas.NumberQuerySchema, location="query")
@public_blp.response(200, schemas.VerdictSchema)
@public
def verify_document_number(query: dict[str, Any]) -> Response:
    """Say whether a document of this number was issued with this content, or as this file. A page in a browser."""
    return _answer(service.verify_number(session, query["number"].strip(), query["sha256"]))


def _answer(verdict: Json) -> Response:
    if request.accept_mimetypes.best_match(["application/json", "text/html"]) != "text/html":
        return jsonify(verdict)
    words = _STATES.get(verdict.get("state", ""), "")
    return Response(render_template_string(_PAGE, verdict=verdict, words=words), mimetype="text/html")
