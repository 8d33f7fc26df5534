"""Opening, changing and closing evidence packages, as a reader or a forger would."""

import io
import json
import re
import zipfile
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from server import clock
from server.packages import package
from server.packages.package import Part
from sync import public_jwk, sign, verifier


def packaged(who: Any, record: Any, expect: int = 200, *, of: str = "records", stamped: bool = False) -> Any:
    """The bytes of a record's package, or of a case file's where `of` is tasks; small, unless copies go along."""
    query = {} if stamped else {"stamped": "false"}
    response = who.call("GET", f"/api/v1/{of}/{record}/package", query_string=query)
    assert response.status_code == expect, response.get_data(as_text=True)[:500]
    return response.data


def members(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(files: Mapping[str, bytes] | Iterable[tuple[str, bytes]]) -> bytes:
    """The zip of some members, laid out as the writer of packages does it."""
    given = list(files.items() if isinstance(files, Mapping) else files)
    manifest = b"".join(content for name, content in given if name == "manifest.json")
    written = re.search(rb'"made_at":"([-0-9T:.]{23}Z)"', manifest)
    writer = package._Writer(datetime.fromisoformat(written[1].decode()) if written else clock.now())
    with writer.archive:
        for name, content in given:
            writer.add(Part(name, "", content))
    return writer.sink.take()


def checked(data: bytes, key: str | None = None, receipts: Iterable[str] = ()) -> verifier.Report:
    return verifier.check(io.BytesIO(data), key, tuple(receipts))


def told(lines: Iterable[verifier.Line]) -> str:
    return "\n".join(each.english for each in lines)


def codes(lines: Iterable[verifier.Line]) -> list[str]:
    return [each.code for each in lines]


def flipped(data: bytes, bit: int) -> bytes:
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def canonical(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def resigned(files: Mapping[str, bytes], key: Any, /, **changes: Any) -> dict[str, bytes]:
    """A package whose manifest was written anew over what is there, and signed with another key.

    Receipts and beacons stay what the first key signed: it is named beside the other one.
    """
    manifest = json.loads(files["manifest.json"])
    mine = public_jwk(key)
    keys = [mine, *(each for each in manifest["server_keys"] if each != mine)]
    manifest |= {"server_keys": keys, **changes}
    manifest["files"] = [each for each in manifest["files"] if each["path"] in files]
    for each in manifest["files"]:
        content = files[each["path"]]
        digest = package._Digest()
        digest.update(content)
        each |= {**digest.as_json(), "size": len(content)}
    data = canonical(manifest)
    listed = {each["path"]: files[each["path"]] for each in manifest["files"]}
    unlisted = {name: files[name] for name in files if name not in listed and name[:9] != "manifest."}
    signed = {"manifest.json": data, "manifest.sig": sign(key, b"manifest\0" + data).encode()}
    return {**listed, **unlisted, **signed}


def rewritten(files: Mapping[str, bytes], name: str, **changes: Any) -> dict[str, bytes]:
    """The files with some fields of one JSON member changed."""
    return {**files, name: canonical(json.loads(files[name]) | changes)}
