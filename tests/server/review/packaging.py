"""Taking evidence packages apart, and putting them together wrongly."""

import io
import json
import re
import zipfile
from datetime import datetime

from server import clock
from server.review import package
from server.review.package import Part
from sync import public_jwk, sign, verifier


def packaged(who, record, expect=200):
    """The bytes of a record's package."""
    response = who.call("GET", f"/api/v1/records/{record}/package")
    assert response.status_code == expect, response.get_data(as_text=True)[:500]
    return response.data


def members(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(files):
    """The zip of some members, laid out as the writer of packages does it."""
    written = re.search(rb'"made_at":"([-0-9T:.]{23}Z)"', files.get("manifest.json", b""))
    writer = package._Writer(datetime.fromisoformat(written[1].decode()) if written else clock.now())
    with writer.archive:
        for name, content in files.items():
            writer.add(Part(name, "", content))
    return writer.sink.take()


def checked(data, key=None, receipts=()):
    return verifier.check(io.BytesIO(data), key, tuple(receipts))


def told(lines):
    return "\n".join(english for _, english in lines)


def flipped(data, bit):
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def resigned(files, key, **changes):
    """A package whose manifest was written anew and signed with another key."""
    manifest = json.loads(files["manifest.json"]) | {"server_keys": [public_jwk(key)]} | changes
    for each in manifest["files"]:
        content = files[each["path"]]
        digest = package._Digest()
        digest.update(content)
        each |= {**digest.as_json(), "size": len(content)}
    data = json.dumps(manifest, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    return files | {"manifest.json": data, "manifest.sig": sign(key, b"manifest\0" + data).encode()}
