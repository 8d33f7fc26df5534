"""A day's proof as a file: a root with its signature and time-stamp, and how anybody checks it with their own tools."""

import io
import json
import zipfile
from typing import Final

from sqlalchemy.orm import Session

from server.notary.models import AuditRoot
from server.notary.service import newest_root, prove, root_json
from sync import ServerKey

_READ_ME: Final = """审计日志每日树根 · A day's root of the audit log

statement.json  服务器签名的原文（逐字节）· the exact bytes that were signed and stamped
root.json       树根、签名与签名密钥编号 · the root, its signature and the id of the key
key.json        服务器公钥（JWK，P-256）· the server's public key
stamp.tsr       时间戳机构的应答（RFC 3161，如有）· the authority's answer, where there is one
newest.json     最新树根及与本树根的一致性证明（RFC 9162）· the newest root, and a proof that this one is its beginning

核对时间戳 · to check the time-stamp:
  openssl ts -verify -data statement.json -in stamp.tsr -CAfile <机构根证书 · the authority's root>
"""


def proof_of(session: Session, root: AuditRoot, key: ServerKey) -> bytes:
    """Write a root's proof as a ZIP."""
    newest = newest_root(session)
    roots = [root, newest] if newest is not None and newest.size != root.size else [root]
    later = {"root": root_json(newest) if newest else None, "proof": prove(session, [], roots)}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as files:
        files.writestr("README.txt", _READ_ME)
        files.writestr("statement.json", root.statement)
        files.writestr("root.json", json.dumps(root_json(root), ensure_ascii=False, indent=1))
        files.writestr("key.json", json.dumps(key.public_jwk, indent=1))
        files.writestr("newest.json", json.dumps(later, ensure_ascii=False, indent=1))
        if root.stamp is not None:
            files.writestr("stamp.tsr", root.stamp)
    return packed.getvalue()
