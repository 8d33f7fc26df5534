r"""The verifier of evidence packages (证据包): `python verify.py package.zip`.

One file on the standard library of Python 3.10 or later, so that it runs where nothing of ours is installed; a
copy lies in each package. Whoever doubts a package takes the verifier from somewhere else. Nothing is unpacked
and nothing of a package is run. Layout of a package: docs/protocol.md, "Evidence packages".

Contract: `check` reads a file and gives a `Report`; nothing that is in the file makes it raise. A report tells
what is proved, what is not, and what contradicts itself, Chinese first.
"""

import argparse
import base64
import hashlib
import json
import re
import struct
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

FORMAT = "merestone-package"
ROOT = "merestone-root"
VERSION = 2
PREFIX = b"MERESTONE1\0"
ALGORITHM = "ES256"
MAX_MEMBERS = 20_000
MAX_SMALL = 64 * 1024 * 1024
PIECE = 1024 * 1024
MAX_KEYS = 16
MOST_TOLD = 50
SLOW_SM3 = 4 * 1024 * 1024
"""Bytes of a package whose SM3 is computed by our own arithmetic, where the interpreter's library has none."""
LARGE = (1 << 31) - 1
"""From here on, zip needs its 64-bit records."""

_NAMES = re.compile(
    r"manifest\.json|manifest\.sig|attestations\.json|decisions\.json|receipts\.json|case\.json"
    r"|audit/chain\.json|audit/proofs\.json|index\.html|record-[0-9a-f-]{36}\.html|verify\.py"
    r"|audit/root-[1-9][0-9]{0,17}\.(?:json|sig|tsr)"
    r"|revisions/[0-9a-f]{64}\.json|revisions/[0-9a-f]{64}\.sig\.json|media/[0-9a-f]{64}"
    r"|stamped/[0-9a-f-]{36}/[0-9a-f]{64}\.jpg"
    r"|forms/[A-Za-z0-9._~%-]{1,800}\.xml"
)
_KEY_FACTS = (
    "device.key-enrolled",
    "device.key-replaced",
    "device.key-ended",
    "device.key-revoked",
    "device.key-restored",
)
_MILLISECONDS = len("2026-11-20T01:02:03.456")
_SIGNATURE = re.compile(r"[A-Za-z0-9+/]{86}==")
_UNREADABLE = (
    OSError,
    RuntimeError,
    ValueError,
    TypeError,
    AttributeError,
    LookupError,
    EOFError,
    OverflowError,
    struct.error,
    zipfile.BadZipFile,
)

# P-256 (FIPS 186-4, D.1.2.3)
_P = 0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF
_N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
_G = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)


class Broken(Exception):
    """Something in a package contradicts itself. `code` is stable, for machines."""

    def __init__(self, code: str, chinese: str, english: str) -> None:
        super().__init__(english)
        self.line = Line(code, chinese, english)


@dataclass(frozen=True)
class Line:
    """One thing that a report tells: a stable code for machines, and words, Chinese and English."""

    code: str
    chinese: str
    english: str

    def as_json(self) -> dict[str, str]:
        """Write it for a machine."""
        return {"code": self.code, "chinese": _plain(self.chinese), "english": _plain(self.english)}


@dataclass
class Report:
    """What a package proves, what not, and what contradicts itself (`broken`). `key`: the server's key id."""

    proved: list[Line] = field(default_factory=list)
    unproved: list[Line] = field(default_factory=list)
    broken: list[Line] = field(default_factory=list)
    key: str | None = None

    @property
    def holds(self) -> bool:
        """Whether nothing contradicts itself."""
        return not self.broken

    def prove(self, code: str, chinese: str, english: str) -> None:
        """Tell something that is proved."""
        self.proved.append(Line(code, chinese, english))

    def leave_open(self, code: str, chinese: str, english: str) -> None:
        """Tell something that is not proved."""
        self.unproved.append(Line(code, chinese, english))

    def as_text(self) -> str:
        """Write the report for a person."""
        parts = [
            ("矛盾 Contradicted", self.broken),
            ("已证明 Proved", self.proved),
            ("未证明 Not proved", self.unproved),
        ]
        lines = [f"证据包 Evidence package: {'相符 HOLDS' if self.holds else '不符 DOES NOT HOLD'}"]
        lines += [f"  {each}" for each in self._verdict()]
        for title, told in parts:
            if told:
                lines += ["", f"{title} ({len(told)})"]
                lines += [f"  - {_plain(each.chinese)}\n    {_plain(each.english)}" for each in told]
        return "\n".join(lines) + "\n"

    def as_json(self) -> dict[str, Any]:
        """Write the report for a machine; codes are in docs/protocol.md and never change their meaning."""
        told = {"broken": self.broken, "proved": self.proved, "unproved": self.unproved}
        return {
            "format": "merestone-verdict",
            "version": 1,
            "verdict": "holds" if self.holds else "does-not-hold",
            "server_key": self.key,
            **{name: [each.as_json() for each in lines] for name, lines in told.items()},
        }

    def _verdict(self) -> tuple[str, str]:
        if self.holds:
            return (
                "包内各项互相印证，未发现改动；“未证明”各项须另行查证。",
                "Nothing contradicts itself; what is listed as not proved has to be settled elsewhere.",
            )
        return (
            "包内有矛盾，或不是可核对的证据包（改动、损坏、不完整、密钥不符）：不可作为证据使用。",
            "It contradicts itself or can't be checked (changed, damaged, cut, another key): do not rely on it.",
        )


@dataclass
class Package:
    """An opened package: its members by name, its manifest, and what was read so far.

    `revisions` by id; `received`: when each was taken, by the chain's own entries; `vouched`: the entry that tells
    when each was first taken with its signature.
    """

    archive: zipfile.ZipFile
    members: dict[str, zipfile.ZipInfo]
    manifest: dict[str, Any] = field(default_factory=dict)
    revisions: dict[str, dict[str, Any]] = field(default_factory=dict)
    signatures: dict[str, dict[str, Any]] = field(default_factory=dict)
    attestations: list[dict[str, Any]] = field(default_factory=list)
    received: dict[str, str] = field(default_factory=dict)
    vouched: dict[str, dict[str, Any]] = field(default_factory=dict)
    chain: list[dict[str, Any]] = field(default_factory=list)
    beacons: dict[str, str | None] = field(default_factory=dict)
    slow_sm3: int = field(default_factory=lambda: SLOW_SM3)

    @property
    def records(self) -> list[dict[str, Any]]:
        """The records of the package; a package of version 1 is one itself."""
        return list(self.manifest["records"]) if self.manifest["version"] > 1 else [self.manifest]

    def facts(self, *actions: str) -> list[dict[str, Any]]:
        """Entries of the chain that are here whole, of some actions, in order."""
        return [each for each in self.chain if each.get("action") in actions]

    def read(self, name: str) -> bytes:
        """Read a small member. Raises Broken when it is missing or too large."""
        member = self.members.get(name)
        if member is None:
            raise Broken("member.missing", f"缺少 {name}。", f"{name} is missing.")
        if member.file_size > MAX_SMALL:
            raise Broken("member.too-large", f"{name} 过大。", f"{name} is too large.")
        return self.archive.read(member)

    def read_json(self, name: str) -> Any:
        """Read a member as JSON with one meaning. Raises Broken."""
        return _json(name, self.read(name))

    def digest(self, name: str) -> dict[str, Any]:
        """SHA-256 and SM3 in hex and bytes of a member, however large; no SM3 where it would take too long."""
        sha256, sm3, size = hashlib.sha256(), self._sm3(self.members[name].file_size), 0
        with self.archive.open(self.members[name]) as source:
            while piece := source.read(PIECE):
                sha256.update(piece)
                if sm3 is not None:
                    sm3.update(piece)
                size += len(piece)
        return {"sha256": sha256.hexdigest(), "sm3": sm3 and sm3.hexdigest(), "size": size}

    def _sm3(self, size: int) -> Any:
        try:
            return hashlib.new("sm3")
        except ValueError:
            if size > self.slow_sm3:
                return None
            self.slow_sm3 -= size
            return Sm3()


def check(source: str | Path | BinaryIO, key: str | None = None, receipts: tuple[str, ...] = ()) -> Report:
    """Check a package. `key`: the key id that the server must have; `receipts`: tokens that phones kept."""
    report = Report()
    try:
        with zipfile.ZipFile(source) as archive:
            package = Package(archive, _members(archive))
            _check_manifest(package, report, key)
            _check_files(package, report)
            _check_layout(package, report)
            for step in _STEPS:
                step(package, report)
            for token in receipts:
                _check_kept_receipt(package, report, token)
    except Broken as broken:
        report.broken.append(broken.line)
    except _UNREADABLE as error:
        what = f"{type(error).__name__}: {str(error)[:200]}"
        report.broken.append(Line("file.unreadable", f"无法读取：{what}", f"Unreadable: {what}"))
    if report.broken:
        report.leave_open(
            "check.ended", "遇到矛盾后，其余未再核对。", "Nothing was checked behind what contradicts itself."
        )
    report.unproved += _NEVER_PROVED
    return report


def main(arguments: list[str] | None = None) -> int:
    """Check the package named on the command line; 0 when it holds, 1 when it does not."""
    parser = argparse.ArgumentParser(description="核对界石证据包 / Check a Merestone evidence package.")
    parser.add_argument("package", help="证据包 / the zip file")
    parser.add_argument("--key", help="应有的服务器密钥编号 / the server's key id, from a source you trust")
    parser.add_argument(
        "--receipt", action="append", default=[], help="手机保存的回执 / a receipt that a phone kept"
    )
    parser.add_argument("--json", action="store_true", help="输出 JSON / write JSON, for machines")
    given = parser.parse_args(arguments)
    report = check(given.package, given.key, tuple(given.receipt))
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")
    sys.stdout.write(written(report, as_json=given.json))
    return 0 if report.holds else 1


def written(report: Report, *, as_json: bool) -> str:
    """Write a report as the command line prints it."""
    return json.dumps(report.as_json(), ensure_ascii=False, indent=2) + "\n" if as_json else report.as_text()


# The file, its manifest and its members


def _members(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """List the members, once nothing about them could do harm or be read in two ways."""
    infos = archive.infolist()
    size = archive.fp.seek(0, 2) if archive.fp else 0
    if len(infos) > MAX_MEMBERS:
        raise Broken("member.too-many", "文件过多。", "Too many members.")
    for info in infos:
        if not _NAMES.fullmatch(info.filename):
            raise Broken(
                "member.unknown", f"多出 {info.filename!r}。", f"{info.filename!r} does not belong here."
            )
        if info.compress_type != zipfile.ZIP_STORED or info.flag_bits & 1:
            raise Broken(
                "member.compressed",
                f"{info.filename} 被压缩或加密。",
                f"{info.filename} is compressed or encrypted.",
            )
    if sum(info.file_size for info in infos) > size:
        raise Broken("member.sizes", "文件大小不实。", "The members are larger than the file.")
    members = {info.filename: info for info in infos}
    if len(members) != len(infos):
        raise Broken("member.repeated", "有重名文件。", "A name is used twice.")
    return members


def _check_manifest(package: Package, report: Report, expected: str | None) -> None:
    """The manifest's exact bytes are signed by a key it names, and by the expected one if there is any."""
    data = package.read("manifest.json")
    manifest = _json("manifest.json", data)
    if not isinstance(manifest, dict) or _canonical(manifest) != data:
        raise Broken("manifest.form", "清单的写法不规范。", "The manifest is not in its canonical form.")
    version = manifest.get("version")
    if manifest.get("format") != FORMAT or type(version) is not int or not 1 <= version <= VERSION:
        raise Broken("manifest.format", "不认识的证据包格式。", "Unknown format of package.")
    if len(manifest["server_keys"]) > MAX_KEYS:
        raise Broken("manifest.keys", "服务器密钥过多。", "Too many server keys.")
    signature = package.read("manifest.sig").decode("ascii")
    signers = [key for key in manifest["server_keys"] if verify(key, b"manifest\0" + data, signature)]
    if not signers:
        raise Broken(
            "manifest.signature",
            "清单的服务器签名不成立。",
            "The server's signature of the manifest does not hold.",
        )
    package.manifest = manifest
    name = report.key = key_id(signers[0])
    if expected is not None and name != expected:
        raise Broken(
            "manifest.key-differs",
            f"签名密钥是 {name}，不是 {expected}。",
            f"The key is {name}, not {expected}.",
        )
    report.prove(
        "manifest.signed",
        f"清单由服务器密钥 {name} 于 {manifest['made_at']} 签名，其后未改。",
        f"The manifest was signed by server key {name} at {manifest['made_at']} and not changed since.",
    )
    if expected is None:
        report.leave_open(
            "manifest.key-unknown",
            f"密钥 {name} 是否确属该单位：请用 --key 与可信来源核对。",
            f"That {name} is the bureau's key: compare it with a source you trust, by --key.",
        )
    for other in sorted({key_id(key) for key in manifest["server_keys"]} - {name}):
        report.leave_open(
            "manifest.other-key",
            f"清单还列出服务器密钥 {other}，回执和信标可能由它签发：请一并核对。",
            f"The manifest names server key {other} too, for receipts and beacons: compare that one as well.",
        )


def _check_files(package: Package, report: Report) -> None:
    """The members are those of the manifest, byte for byte."""
    listed = {each["path"]: each for each in package.manifest["files"]}
    present = package.members.keys() - {"manifest.json", "manifest.sig"}
    wrong = [
        Line("member.missing", f"缺少 {name}。", f"{name} is missing.")
        for name in sorted(listed.keys() - present)
    ]
    wrong += [
        Line("member.unlisted", f"多出 {name}。", f"{name} is not in the manifest.")
        for name in sorted(present - listed.keys())
    ]
    recomputed = dict.fromkeys(("sha256", "sm3"), 0)
    for name in sorted(present & listed.keys()):
        told = {each: listed[name][each] for each in ("sha256", "size", "sm3") if each in listed[name]}
        try:
            found = {each: value for each, value in package.digest(name).items() if value is not None}
        except _UNREADABLE:
            found = {}
        if found.get("sha256") != told["sha256"] or any(
            found.get(each, told[each]) != told[each] for each in told
        ):
            wrong.append(Line("member.changed", f"{name} 被改动。", f"{name} was changed."))
        for each in found.keys() & told.keys() & recomputed.keys():
            recomputed[each] += 1
    if wrong:
        report.broken += wrong[1:MOST_TOLD]
        raise Broken(wrong[0].code, wrong[0].chinese, wrong[0].english)
    _tell_files(report, recomputed, sum("sm3" in each for each in listed.values()))


def _tell_files(report: Report, recomputed: dict[str, int], with_sm3: int) -> None:
    for name, count in (("SHA-256", recomputed["sha256"]), ("SM3", recomputed["sm3"])):
        if count:
            report.prove(
                "files.same",
                f"{count} 个文件与清单的 {name} 逐字节相符。",
                f"{count} files match the manifest's {name} byte for byte.",
            )
    if recomputed["sm3"] < with_sm3:
        count = with_sm3 - recomputed["sm3"]
        report.leave_open(
            "files.sm3",
            f"{count} 个文件的 SM3 未重算：本机 Python 的加密库没有 SM3，文件又大；SHA-256 已核对。",
            f"The SM3 of {count} files was not recomputed: this Python's library has none and they are large.",
        )


# The layout of the zip


def _check_layout(package: Package, report: Report) -> None:
    """Every byte of the zip is where the writer of packages puts it, and is told by the manifest."""
    names = [*(each["path"] for each in package.manifest["files"]), "manifest.json", "manifest.sig"]
    source, place, directory = package.archive.fp, 0, []
    if source is None:
        raise Broken("file.unreadable", "文件已关闭。", "The file is closed.")
    for name in names:
        info = package.members[name]
        records = Records(name, info.CRC, info.file_size, package.manifest["made_at"], place)
        for record in (records.head, records.tail):
            source.seek(place)
            if source.read(len(record)) != record:
                raise Broken(
                    "zip.changed", f"压缩包在 {name} 处被改动。", f"The zip itself was changed at {name}."
                )
            place += len(record) + (info.file_size if record is records.head else 0)
        directory.append(records.entry)
    source.seek(place)
    rest = b"".join(directory) + end_of_zip(len(names), place, sum(map(len, directory)))
    if source.read(len(rest) + 1) != rest:
        raise Broken("zip.changed", "压缩包的目录被改动。", "The directory of the zip was changed.")
    report.prove(
        "zip.same",
        "压缩包的每个字节均由清单确定。",
        "Every byte of the zip is one that the manifest determines.",
    )


class Records:
    """What a zip says of a stored member: `head` before and `tail` behind its bytes, `entry` in the directory.

    `made_at`: the manifest's, which every member carries in the civil time of China, to two seconds. `place`: of
    the head, from the beginning of the zip.
    """

    def __init__(self, name: str, crc: int, size: int, made_at: str, place: int) -> None:
        path = name.encode("ascii")
        moment = datetime.fromisoformat(made_at[:19]) + timedelta(hours=8)
        date = (moment.year - 1980) << 9 | moment.month << 5 | moment.day
        time = moment.hour << 11 | moment.minute << 5 | moment.second // 2
        is_large = size * 1.05 > LARGE  # the writer must decide before it knows
        needs, unknown = (45, 0xFFFFFFFF) if is_large else (20, 0)
        extra = struct.pack("<HHQQ", 1, 16, 0, 0) if is_large else b""
        head = (b"PK\3\4", needs, 8, 0, time, date, 0, unknown, unknown, len(path), len(extra))
        self.head = struct.pack("<4s5H3L2H", *head) + path + extra
        self.tail = struct.pack("<4sLQQ" if is_large else "<4sLLL", b"PK\7\x08", crc, size, size)
        wide = [size, size] if size > LARGE else []
        wide += [place] if place > LARGE else []
        extra = struct.pack(f"<HH{len(wide)}Q", 1, 8 * len(wide), *wide) if wide else b""
        needs = 45 if wide else needs
        size, place = (each if each <= LARGE else 0xFFFFFFFF for each in (size, place))
        made_by = (b"PK\1\2", needs, 3, needs, 0, 8, 0, time, date, crc, size, size)
        self.entry = (
            struct.pack("<4s4B4H3L", *made_by)
            + struct.pack("<5H2L", len(path), len(extra), 0, 0, 0, 0o644 << 16, place)
            + path
            + extra
        )


def end_of_zip(count: int, place: int, size: int) -> bytes:
    """What ends a zip whose directory of so many entries and bytes begins at `place`."""
    wide = b""
    if place > LARGE:
        wide = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, count, count, size, place)
        wide += struct.pack("<4sLQL", b"PK\6\7", 0, place + size, 1)
    place = min(place, 0xFFFFFFFF)
    return wide + struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, count, count, size, place, 0)


# Revisions


def _check_revisions(package: Package, report: Report) -> None:
    """Each revision is named by its bytes, belongs to its record, and is signed by the key that is told."""
    named = [rev for record in package.records for rev in record["revisions"]]
    _same("版本 revisions", {f"revisions/{_hex(rev)}.json" for rev in named}, _of_role(package, "revision"))
    _same(
        "签名 signatures",
        {f"revisions/{_hex(rev)}.sig.json" for rev in named},
        _of_role(package, "signature"),
    )
    for record in package.records:
        for rev in record["revisions"]:
            _check_revision(package, record, rev)
            _check_signature(package, report, rev)
        if not set(record["heads"]) <= set(record["revisions"]):
            raise Broken("revision.head-missing", "缺少当前版本。", "A head of the record is missing.")


def _check_revision(package: Package, record: dict[str, Any], rev: str) -> None:
    data = package.read(f"revisions/{_hex(rev)}.json")
    if "sha256:" + hashlib.sha256(data).hexdigest() != rev:
        raise Broken("revision.renamed", f"{rev} 的内容与编号不符。", f"{rev} is not named by its bytes.")
    revision = package.revisions[rev] = _json(rev, data)
    if revision["record"] != record["record"]:
        raise Broken("revision.foreign", f"{rev} 属于另一条记录。", f"{rev} belongs to another record.")


def _check_signature(package: Package, report: Report, rev: str) -> None:
    told = package.signatures[rev] = package.read_json(f"revisions/{_hex(rev)}.sig.json")
    short, device = rev[:19], package.revisions[rev]["device"]
    if told["rev"] != rev:
        raise Broken(
            "signature.foreign",
            f"{rev} 的签名属于别的版本。",
            f"The signature of {rev} is another revision's.",
        )
    if told["level"] == "unsigned":
        report.leave_open("signature.none", f"{short}… 没有设备签名。", f"{short}… is unsigned.")
    elif told["level"] == "unknown_algorithm":
        name = told["alg"]
        report.leave_open(
            "signature.unknown",
            f"{short}… 的设备签名用算法 {name}，在此无法核对；原样保存于包内。",
            f"{short}… was signed with algorithm {name}, which is not checked here;"
            " the signature is kept as it came.",
        )
    elif told["level"] != "signed":
        report.leave_open(
            "signature.invalid",
            f"{short}… 的设备签名收到时即不成立。",
            f"The signature of {short}… did not hold when it came.",
        )
    elif not _signed_by(told, package.read(f"revisions/{_hex(rev)}.json")):
        raise Broken(
            "signature.broken",
            f"{rev} 的设备签名不成立。",
            f"The device's signature of {rev} does not hold.",
        )
    elif told["device"] != device:
        raise Broken(
            "signature.device-differs",
            f"{rev} 的签名密钥属于设备 {told['device']}，不是 {device}。",
            f"The key that signed {rev} is device {told['device']}'s, not {device}'s.",
        )
    else:
        report.prove(
            "signature.holds",
            f"{short}… 由设备 {device} 的密钥 {told['key']} 签名。",
            f"{short}… was signed by key {told['key']} of device {device}.",
        )


def _signed_by(told: dict[str, Any], message: bytes) -> bool:
    return key_id(told["jwk"]) == told["key"] and verify(told["jwk"], message, told["sig"])


def _check_parents(package: Package, report: Report) -> None:
    """Revisions name those before them by hash; what is named and not here is told."""
    known = package.revisions.keys()
    absent = {parent for each in package.revisions.values() for parent in each["parents"]} - known
    for rev in sorted(absent):
        report.leave_open(
            "parent.absent", f"前一版本 {rev} 不在包内。", f"The parent {rev} is not in the package."
        )
    if not absent:
        report.prove(
            "parent.present", "各版本的上级齐全，逐个以哈希相连。", "All parents are here, tied by hash."
        )


def _check_devices(package: Package, report: Report) -> None:
    """The counter of each device: no number twice, and neighbours tied by hash."""
    sealed: dict[tuple[str, str], list[tuple[int, str]]] = {}
    for rev, each in package.revisions.items():
        sealed.setdefault((each["device"], each["author"]), []).append((each["dev_seq"], rev))
    for (device, _), found in sorted(sealed.items()):
        found.sort()
        odd = [pair for pair in pairwise(found) if not _is_tied(package, *pair)]
        gaps = sum(new - old - 1 for (old, _), (new, _) in pairwise(found) if new > old)
        if odd:
            report.leave_open(
                "device.numbers-odd",
                f"设备 {device} 的序号重复或不相连。",
                f"Numbers of device {device} repeat or are not tied.",
            )
        else:
            report.prove(
                "device.numbers-rise",
                f"设备 {device} 的序号递增、不重复。",
                f"Numbers of device {device} rise and do not repeat.",
            )
        if gaps:
            report.leave_open(
                "device.gaps",
                f"设备 {device} 在包内各版本之间另有 {gaps} 个版本，应属其他记录，不在包内。",
                f"Device {device} sealed {gaps} more between those here; they should be other records'.",
            )


def _is_tied(package: Package, old: tuple[int, str], new: tuple[int, str]) -> bool:
    if new[0] == old[0] + 1:
        return bool(package.revisions[new[1]]["prev_dev_rev"] == old[1])
    return new[0] > old[0]


# What hangs on revisions


def _check_media(package: Package, report: Report) -> None:
    """Every file that a revision vouches for is here with its bytes, or listed as missing or damaged."""
    entries = [each for every in package.revisions.values() for each in every["media"]]
    promised = {each["sha256"] for each in entries}
    missing = {each["sha256"] for each in package.manifest["missing"]}
    damaged = set(package.manifest["damaged"])
    here = {name.rpartition("/")[2] for name in _of_role(package, "media")}
    _same("附件 media", promised - missing, here)
    if missing & here or not missing <= promised or not damaged <= here:
        raise Broken("media.lists", "缺失附件的清单不实。", "The lists of missing media are untrue.")
    listed = {each["path"]: each for each in package.manifest["files"]}
    for sha256 in sorted(here - damaged):
        if listed[f"media/{sha256}"]["sha256"] != sha256:
            raise Broken(
                "media.changed",
                f"附件 {sha256} 与版本所记不符。",
                f"{sha256} is not what its revision vouches for.",
            )
    for each in entries:
        if each["sha256"] in here - damaged and listed[f"media/{each['sha256']}"]["size"] != each["size"]:
            report.leave_open(
                "media.size-differs",
                f"附件 {each['sha256']} 的大小与版本所记不同。",
                f"{each['sha256']} is not of the size that was told.",
            )
    whole = len(here - damaged)
    if whole:
        report.prove(
            "media.same",
            f"{whole} 个附件原件与版本所记的 SHA-256 相符。",
            f"{whole} originals match the SHA-256 in their revisions.",
        )
    for sha256 in sorted(missing):
        report.leave_open("media.missing", f"附件 {sha256} 缺失。", f"The file {sha256} is missing.")
    for sha256 in sorted(damaged):
        report.leave_open(
            "media.damaged",
            f"附件 {sha256} 在服务器上已损坏。",
            f"The file {sha256} was damaged on the server.",
        )


def _check_replays(package: Package, report: Report) -> None:
    """A file that several records vouch for: the same bytes can't have been captured twice."""
    users: dict[str, set[str]] = {}
    for each in package.revisions.values():
        for entry in each["media"]:
            users.setdefault(entry["sha256"], set()).add(each["record"])
    for sha256, records in sorted(users.items()):
        if len(records) > 1:
            report.leave_open(
                "media.replayed",
                f"附件 {sha256} 同时用于 {len(records)} 条记录：同一文件不会拍摄两次。",
                f"The file {sha256} is used in {len(records)} records: the same bytes are not captured twice.",
            )


def _check_copies(package: Package, report: Report) -> None:
    """Stamped copies are of photos that the named revisions vouch for; what is printed on them proves nothing."""
    given = package.manifest.get("stamped", [])
    lacking = package.manifest.get("unstamped", [])
    _same("水印副本 stamped copies", {each["path"] for each in given}, _of_role(package, "stamped"))
    for each in [*given, *lacking]:
        revision = package.revisions.get(each["rev"], {"record": None, "media": []})
        vouched = {(entry["name"], entry["sha256"]) for entry in revision["media"]}
        if (each["name"], each["sha256"]) not in vouched or each["record"] != revision["record"]:
            raise Broken("stamped.lists", "水印副本的清单不实。", "The list of stamped copies is untrue.")
    if given:
        report.leave_open(
            "stamped.copies",
            f"{len(given)} 份水印副本上的文字：副本仅供阅读，以原件为准。",
            f"What is printed on {len(given)} stamped copies: they are to be read, the originals count.",
        )
    for each in lacking:
        report.leave_open(
            "stamped.absent",
            f"{each['name']} 没有水印副本（{each['reason']}）。",
            f"{each['name']} has no stamped copy ({each['reason']}).",
        )


def _check_forms(package: Package, report: Report) -> None:
    """The forms that the revisions were filled in on."""
    wanted = {(each["form"], each["form_version"]) for each in package.revisions.values()}
    given = {(each["id"], each["version"]) for each in package.manifest["forms"]}
    _same("表单 forms", {each["path"] for each in package.manifest["forms"]}, _of_role(package, "form"))
    for form, version in sorted(wanted - given):
        report.leave_open(
            "form.absent",
            f"表单 {form} {version} 不在包内。",
            f"Form {form} {version} is not in the package.",
        )


def _check_attestations(package: Package, report: Report) -> None:
    """Co-signatures hold over the revision and role they name."""
    package.attestations = package.read_json("attestations.json")["attestations"]
    for each in package.attestations:
        told = f"{each['rev'][:19]}… {each['role']} {each['person']}"
        if each["rev"] not in package.revisions:
            raise Broken(
                "attestation.foreign",
                f"会签 {told} 不属于本包记录。",
                f"Attestation {told} is of no revision here.",
            )
        message = b"attest\0" + each["rev"].encode("ascii") + b"\0" + each["role"].encode("ascii")
        if each.get("alg", ALGORITHM) != ALGORITHM and not each["valid"]:
            report.leave_open(
                "attestation.unknown",
                f"会签 {told} 用算法 {each['alg']}，在此无法核对。",
                f"Attestation {told} was signed with algorithm {each['alg']}, which is not checked here.",
            )
        elif not each["valid"]:
            report.leave_open(
                "attestation.invalid",
                f"会签 {told} 收到时即不成立。",
                f"Attestation {told} did not hold when it came.",
            )
        elif not _signed_by(each, message):
            raise Broken(
                "attestation.broken",
                f"会签 {told} 的签名不成立。",
                f"The signature of attestation {told} does not hold.",
            )
        else:
            report.prove(
                "attestation.holds",
                f"会签 {told}，密钥 {each['key']}。",
                f"Attested: {told}, key {each['key']}.",
            )


# The audit chain and time


def _check_chain(package: Package, report: Report) -> None:
    """The audit entries have the hashes they should, and are where they should be in the log."""
    if package.manifest["version"] == 1:
        _check_links(package, report)
    else:
        _check_log(package, report)


def _check_links(package: Package, report: Report) -> None:
    """Version 1: the record's audit entries stand in the chain in order, with the hashes of others between."""
    given = package.read_json("audit/chain.json")
    package.chain = given["entries"]
    opaque = 0
    for before, entry in zip([None, *package.chain], package.chain, strict=False):
        follows = before is not None and entry["seq"] == before["seq"] + 1
        if before is not None and not follows and (given["complete"] or entry["seq"] <= before["seq"]):
            _break_chain(entry["seq"])
        if "action" not in entry:
            opaque += 1
            continue
        if _entry_hash(entry) != entry["hash"] or (
            before and follows and before["hash"] != entry["previous"]
        ):
            _refuse_entry(entry["seq"])
    _note_receptions(package, report)
    _tell_links(package, report, opaque, complete=given["complete"])


def _break_chain(seq: int) -> NoReturn:
    raise Broken("chain.gap", f"审计链在第 {seq} 条断开。", f"The audit chain breaks at {seq}.")


def _refuse_entry(seq: int) -> NoReturn:
    raise Broken("chain.changed", f"审计链第 {seq} 条被改动。", f"Audit entry {seq} was changed.")


def _note_receptions(package: Package, report: Report) -> None:
    """When each revision was taken, when with the signature that is in the package, and that it is of this visit."""
    bound: set[str] = set()
    for entry in package.facts("revision.accepted", "revision.repeated"):
        rev, details = entry["subject"], entry["details"]
        revision = package.revisions.get(rev)
        if revision is None or details.get("record", revision["record"]) != revision["record"]:
            continue
        if entry["action"] == "revision.accepted":
            package.received.setdefault(rev, entry["at"])
            if "task_bound" in details.get("flags", ()) and details["task"] == package.manifest["task"]["id"]:
                bound.add(rev)
        if details.get("evidence_level") == "signed":
            package.vouched.setdefault(rev, entry)
    for rev in package.revisions:
        if package.revisions[rev]["task"] != package.manifest["task"]["id"]:
            _tell_bound(report, rev, is_told=rev in bound)
        if rev not in package.received:
            raise Broken(
                "chain.not-taken",
                f"{rev} 没有入库的审计记录。",
                f"No audit entry tells that {rev} was taken.",
            )


def _tell_bound(report: Report, rev: str, *, is_told: bool) -> None:
    """A revision that names another task is of this visit only if a reviewer bound it to it."""
    if not is_told:
        raise Broken(
            "revision.foreign",
            f"{rev} 属于另一条记录、另一次检查。",
            f"{rev} belongs to another record of another visit.",
        )
    report.leave_open(
        "revision.bound",
        f"{rev[:19]}… 的字节所写任务不同：由审核人员归入本次检查，见审计链。",
        f"{rev[:19]}… names another task: a reviewer bound it to this visit, as the audit chain tells.",
    )


def _tell_links(package: Package, report: Report, opaque: int, *, complete: bool) -> None:
    own = len(package.chain) - opaque
    first, last = package.chain[0]["seq"], package.chain[-1]["seq"]
    report.prove(
        "chain.holds",
        f"审计链第 {first} 至 {last} 条中，本记录的 {own} 条哈希相符，各版本均有入库记录。",
        f"Of audit entries {first} to {last}, the record's {own} have the right hash; all revisions were taken.",
    )
    if opaque:
        report.leave_open(
            "chain.opaque",
            f"其间 {opaque} 条属于其他事项，只给出哈希，内容无法重算。",
            f"{opaque} entries between are of other subjects: only their hashes are given, not recomputed.",
        )
    if not complete:
        report.leave_open(
            "chain.long",
            "审计链过长，其他事项的条目未列出。",
            "The chain is long: entries of other subjects are left out.",
        )


def _check_log(package: Package, report: Report) -> None:
    """The record's audit entries have the hashes they should, and are in a log whose root the server signed."""
    package.chain = package.read_json("audit/chain.json")["entries"]
    for before, entry in pairwise([{"seq": 0}, *package.chain]):
        if entry["seq"] <= before["seq"]:
            _break_chain(entry["seq"])
        tied = before.get("hash", entry["previous"]) == entry["previous"] or entry["seq"] > before["seq"] + 1
        if not tied or _entry_hash(entry) != entry["hash"]:
            _refuse_entry(entry["seq"])
    _note_receptions(package, report)
    own = len(package.chain)
    report.prove(
        "chain.holds",
        f"与本包有关的 {own} 条审计记录哈希相符，各版本均有入库记录。",
        f"The {own} audit entries about this have the right hash; all revisions were taken.",
    )
    proofs, roots = package.read_json("audit/proofs.json"), _read_roots(package)
    if max(roots, default=0) != proofs["size"]:
        raise Broken("root.differs", "证明与树根不符。", "The proofs are of another root.")
    _check_inclusion(package, report, proofs, roots)
    _check_consistency(proofs, roots)
    for size in sorted(roots):
        if f"audit/root-{size}.tsr" in package.members:
            _tell_stamp(package, report, size)


def _read_roots(package: Package) -> dict[int, dict[str, Any]]:
    """The statements about the log's Merkle root, by size; each is signed by a key of the server."""
    roots = {}
    for name in _of_role(package, "root"):
        data, signature = package.read(name), package.read(name.replace(".json", ".sig")).decode("ascii")
        said, keys = _json(name, data), package.manifest["server_keys"]
        if _canonical(said) != data or (said["format"], name) != (ROOT, f"audit/root-{said['size']}.json"):
            raise Broken("root.form", f"{name} 的写法不规范。", f"{name} is not in its canonical form.")
        if not any(key_id(key) == said["key"] and verify(key, b"root\0" + data, signature) for key in keys):
            raise Broken(
                "root.signature",
                f"{name} 的服务器签名不成立。",
                f"The server's signature of {name} does not hold.",
            )
        roots[said["size"]] = said
    wanted = {f"audit/root-{size}.sig" for size in roots}
    _same("树根签名 root signatures", wanted, _of_role(package, "root-signature"))
    if not _of_role(package, "time-stamp") <= {f"audit/root-{size}.tsr" for size in roots}:
        raise Broken("stamp.foreign", "时间戳没有对应的树根。", "A time-stamp is of no root here.")
    return roots


def _check_inclusion(package: Package, report: Report, proofs: Any, roots: dict[int, dict[str, Any]]) -> None:
    size, covered = proofs["size"], 0
    for entry in package.chain:
        if entry["seq"] > size:
            continue
        path = [bytes.fromhex(each) for each in proofs["inclusion"][str(entry["seq"])]]
        leaf = hashlib.sha256(b"\0" + bytes.fromhex(entry["hash"])).digest()
        if not included(leaf, entry["seq"] - 1, size, path, bytes.fromhex(roots[size]["root"])):
            raise Broken(
                "root.excludes",
                f"审计链第 {entry['seq']} 条不在树根之内。",
                f"Audit entry {entry['seq']} is not under the root.",
            )
        covered += 1
    if covered:
        root = roots[size]
        report.prove(
            "root.includes",
            f"其中 {covered} 条在服务器签名的审计日志树根之内：{root['date']}，共 {size} 条，{root['root']}。",
            f"{covered} of them are under the signed root of the log: {root['date']}, {size} entries.",
        )
        report.leave_open(
            "root.unknown",
            f"该树根是否即该单位公布的树根：请与另行取得的 {size} 条的树根比对。",
            f"That all are shown this root: compare it with the one over {size} entries from elsewhere.",
        )
    if covered < len(package.chain):
        newer = len(package.chain) - covered
        report.leave_open(
            "root.older",
            f"{newer} 条晚于最新树根，是否在日志之内未予证明。",
            f"{newer} audit entries are newer than the newest root: not proved to be in the log.",
        )


def _check_consistency(proofs: Any, roots: dict[int, dict[str, Any]]) -> None:
    given = {each["old"]: each for each in proofs["consistency"] if each["new"] == proofs["size"]}
    for size in sorted(roots)[:-1]:
        path = [bytes.fromhex(each) for each in given[size]["path"]]
        old, new = (bytes.fromhex(roots[each]["root"]) for each in (size, proofs["size"]))
        if not consistent(size, proofs["size"], old, new, path):
            raise Broken(
                "root.inconsistent",
                f"{size} 条的树根与最新树根不相承。",
                f"The newest root does not continue that over {size} entries.",
            )


def _tell_stamp(package: Package, report: Report, size: int) -> None:
    """Say what a time-stamp claims. The authority's signature is not checked here, and that is said."""
    name = f"audit/root-{size}"
    command = (
        f"unzip package.zip {name}.json {name}.tsr && "
        f"openssl ts -verify -data {name}.json -in {name}.tsr -CAfile tsa-root.pem"
    )
    try:
        imprint, at = read_stamp(package.read(f"{name}.tsr"))
    except _UNREADABLE:
        report.leave_open(
            "stamp.unreadable",
            f"时间戳 {name}.tsr 在此无法读取，请运行：{command}",
            f"{name}.tsr can't be read here. Run: {command}",
        )
        return
    if imprint != hashlib.sha256(package.read(f"{name}.json")).digest():
        raise Broken(
            "stamp.differs",
            f"{name}.tsr 不是该树根的时间戳。",
            f"{name}.tsr is not a time-stamp of that root.",
        )
    own = sum(entry["seq"] <= size for entry in package.chain)
    report.leave_open(
        "stamp.claims",
        f"时间戳称日志前 {size} 条（含与本包有关的 {own} 条）{at} 已存在；机构的签名未在此核对，请运行：{command}",
        f"A time-stamp says that {size} entries, {own} of them about this, were there at {at}; not checked. Run: {command}",
    )


def _check_times(package: Package, report: Report) -> None:
    """Between which moments of the server each revision was sealed."""
    for rev, each in package.revisions.items():
        short, until = rev[:19], package.received[rev]
        since = _beacon(package, each)
        if since is None:
            report.prove(
                "time.before",
                f"{short}… 封存于 {until} 之前（服务器时间）。",
                f"{short}… was sealed before {until}, server's clock.",
            )
            report.leave_open(
                "time.no-beacon",
                f"{short}… 最早何时封存：没有可核对的时间信标。",
                f"Since when {short}… may be sealed: no beacon.",
            )
        elif _is_later(since, until):
            report.leave_open(
                "time.beacon-late",
                f"{short}… 的信标晚于收到时间，封存时间不明。",
                f"The beacon of {short}… is younger than its receipt.",
            )
        else:
            report.prove(
                "time.between",
                f"{short}… 封存于 {since} 与 {until} 之间（服务器时间）。",
                f"{short}… was sealed between {since} and {until}, server's clock.",
            )


def _beacon(package: Package, revision: dict[str, Any]) -> str | None:
    """The moment of the server that a revision carries; many carry the same."""
    token = revision["time"].get("beacon")
    if not token:
        return None
    if token not in package.beacons:
        beacon = open_token(package.manifest["server_keys"], "beacon", token)
        package.beacons[token] = beacon["at"] if beacon else None
    return package.beacons[token]


def _is_later(one: str, other: str) -> bool:
    return one[:_MILLISECONDS] > other[:_MILLISECONDS]


# Keys of devices


def _check_keys(package: Package, report: Report) -> None:
    """How the key of each signature stood when it came, and what became of the key since."""
    for rev, told in package.signatures.items():
        if told["level"] == "signed":
            sealed = _beacon(package, package.revisions[rev])
            _check_key(package, report, f"{rev[:19]}…", told, package.vouched.get(rev), sealed)
    taken: dict[tuple[Any, ...], dict[str, Any]] = {}
    for entry in package.facts("attestation.accepted"):
        details = entry["details"]
        taken.setdefault((entry["subject"], details["role"], details["key"]), entry)
    for each in package.attestations:
        if each["valid"]:
            what = f"{each['rev'][:19]}… {each['role']}"
            _check_key(package, report, what, each, taken.get((each["rev"], each["role"], each["key"])), None)


def _check_key(
    package: Package,
    report: Report,
    what: str,
    told: dict[str, Any],
    taken: dict[str, Any] | None,
    sealed: str | None,
) -> None:
    """One signature's key. `taken`: the chain's entry that it was taken; `sealed`: its beacon's moment."""
    name = told["key"]
    if "history" not in told:
        report.leave_open(
            "key.no-history",
            f"{what}：包内没有密钥 {name} 的来历。",
            f"{what}: the package does not tell the life of key {name}.",
        )
        return
    facts = _key_facts(package, told)
    if facts != told["history"]:
        raise Broken(
            "key.history",
            f"{what}：密钥 {name} 的来历与审计链不符。",
            f"{what}: the life of key {name} is not what the audit chain tells.",
        )
    if taken is None:
        raise Broken(
            "key.not-taken",
            f"{what}：审计链没有收到此签名的记录。",
            f"{what}: no audit entry tells that this signature was taken.",
        )
    came = taken["at"]
    if not facts or facts[0]["fact"] != "enrolled":
        report.leave_open(
            "key.not-enrolled",
            f"{what}：审计链没有密钥 {name} 的登记记录。",
            f"{what}: no audit entry tells that key {name} was enrolled.",
        )
    elif (
        facts[0]["seq"] > taken["seq"]
    ):  # the order of the chain: a server's clock may have been put back between
        raise Broken(
            "key.before-enrolment",
            f"{what} 收到于 {came}，早于密钥 {name} 的登记（{facts[0]['at']}）。",
            f"{what} was taken at {came}, before key {name} was enrolled at {facts[0]['at']}.",
        )
    if _is_later(told["received_at"], came):
        # Two moments of one server or of two: a clock may have been put back between. What counts is the chain's.
        report.leave_open(
            "key.receipt-time",
            f"{what} 所记收到时间（{told['received_at']}）晚于审计链（{came}）：服务器时钟曾被调回，或两台服务器时钟不一致；以审计链为准。",
            f"{what} is said to have come at {told['received_at']}, later than the audit chain says ({came}): a server's clock"
            " was put back, or two differ. The chain's counts.",
        )
    _check_endorsement(report, told, facts)
    _judge_key(report, what, name, facts, came, sealed)


def _key_facts(package: Package, told: dict[str, Any]) -> list[dict[str, Any]]:
    """What the chain tells of a key, as a signature's `history` has to tell it."""
    return [
        {
            "seq": entry["seq"],
            "at": entry["at"],
            "fact": entry["action"].removeprefix("device.key-"),
            "by": entry["actor"],
            **{name: value for name, value in entry["details"].items() if name not in {"key", "person"}},
        }
        for entry in package.facts(*_KEY_FACTS)
        if entry["subject"] == told.get("device")
        and entry["details"]["key"] == told["key"]
        and entry["details"].get("person", told["person"]) == told["person"]
    ]


def _check_endorsement(report: Report, told: dict[str, Any], facts: list[dict[str, Any]]) -> None:
    """The key that was replaced signed the one after it, where the phone still had both."""
    endorsement = facts[0].get("endorsement") if facts else None
    if endorsement is None:
        return
    name, old = told["key"], facts[0]["replaces"]
    message = b"key\0" + name.encode("ascii") + b"\0" + told["device"].encode("ascii")
    if not _signed_by({"key": old, "jwk": told["replaces_jwk"], "sig": endorsement}, message):
        raise Broken(
            "key.endorsement",
            f"密钥 {old} 对密钥 {name} 的签名不成立。",
            f"Key {old}'s signature of key {name} does not hold.",
        )
    line = Line(
        "key.endorsed",
        f"密钥 {name} 由其前任 {old} 签名接替。",
        f"Key {name} was endorsed by {old}, which it replaced.",
    )
    if line not in report.proved:
        report.proved.append(line)


def _judge_key(
    report: Report, what: str, name: str, facts: list[dict[str, Any]], came: str, sealed: str | None
) -> None:
    ended = next((each for each in facts if each["fact"] in {"replaced", "ended"}), None)
    turns = [each for each in facts if each["fact"] in {"revoked", "restored"}]
    revoked = turns[-1] if turns and turns[-1]["fact"] == "revoked" else None
    restored = [each for each in turns if each["fact"] == "restored"]
    after_end = ended is not None and _is_later(came, ended["at"])
    after_revoked = revoked is not None and not _is_later(revoked["since"], came)
    if ended and sealed and _is_later(sealed, ended["at"]):
        report.leave_open(
            "key.outlived",
            f"{what} 封存于密钥 {name} 终止（{ended['at']}）之后：不应视为有效签名。",
            f"{what} was sealed after key {name} was ended at {ended['at']}: it should not count as signed.",
        )
    elif ended and after_end:
        report.leave_open(
            "key.ended",
            f"{what} 收到于 {came}，在密钥 {name} 终止（{ended['at']}）之后；是否此前离线封存，无法证明。",
            f"{what} was taken at {came}, after key {name} was ended at {ended['at']}; that it was sealed offline"
            " before is not proved.",
        )
    if revoked and after_revoked:
        report.leave_open(
            "key.revoked",
            f"{what} 收到于 {came}；密钥 {name} 自 {revoked['since']} 起吊销（{revoked['at']} 登记）。",
            f"{what} was taken at {came}; key {name} is revoked since {revoked['since']}, as told at {revoked['at']}.",
        )
    elif revoked:
        report.prove(
            "key.revoked-later",
            f"{what} 收到于 {came}，早于密钥 {name} 的吊销起始时间 {revoked['since']}。",
            f"{what} was taken at {came}, before {revoked['since']}, since when key {name} is revoked.",
        )
    if restored:
        report.leave_open(
            "key.restored",
            f"{what}：密钥 {name} 曾被吊销，后于 {restored[-1]['at']} 恢复。",
            f"{what}: key {name} had been revoked, and was restored at {restored[-1]['at']}.",
        )
    if not after_end and not after_revoked and facts and facts[0]["fact"] == "enrolled":
        report.prove(
            "key.stood",
            f"{what} 收到时密钥 {name} 有效：{facts[0]['at']} 登记，{came} 收到。",
            f"{what} came while key {name} was good: enrolled at {facts[0]['at']}, taken at {came}.",
        )


# Decisions, results and receipts


def _check_decisions(package: Package, report: Report) -> None:
    """What reviewers decided, with reasons and marks, is what the chain tells."""
    if package.manifest["version"] == 1:
        return
    given = package.read_json("decisions.json")["decisions"]
    count = 0
    for record in package.records:
        entries = [
            each
            for each in package.facts("record.returned", "record.finished")
            if each["subject"] == record["record"]
        ]
        told = [each for each in given if each["record"] == record["record"]]
        if [_decided(each) for each in told] != [_decision_in(each) for each in entries]:
            raise Broken(
                "decision.differs",
                f"记录 {record['record']} 的审核意见与审计链不符。",
                f"The decisions on record {record['record']} are not what the audit chain tells.",
            )
        count += len(told)
    if count != len(given):
        raise Broken(
            "decision.foreign", "审核意见属于包外的记录。", "A decision is about a record that is not here."
        )
    if count:
        report.prove(
            "decision.same",
            f"{count} 次审核的结论、理由和要求更正的项目与审计链相符。",
            f"{count} decisions are what the audit chain tells: verdict, reason and marks.",
        )


def _decided(told: dict[str, Any]) -> tuple[Any, ...]:
    if told["verdict"] == "returned":
        return "returned", told["rev"], told["reason"], told["marks"]
    return told["verdict"], told["rev"]


def _decision_in(entry: dict[str, Any]) -> tuple[Any, ...]:
    details = entry["details"]
    if entry["action"] == "record.returned":
        return "returned", details["rev"], details["reason"], details["marks"]
    return "accepted", details["rev"]


def _check_case(package: Package, report: Report) -> None:
    """The results of a case file are drawn from its revisions, and say what the chain tells last."""
    if "case.json" not in package.members:
        return
    case = package.read_json("case.json")
    records = {each["record"]: set(each["revisions"]) for each in package.records}
    last = {
        each["subject"]: each["details"]
        for each in package.facts("result.drafted", "result.confirmed", "result.released")
    }
    for each in case["results"]:
        if each["rev"] not in records.get(each["record"], ()):
            raise Broken(
                "result.foreign",
                f"结果 {each['item']} 不出自包内记录。",
                f"Result {each['item']} is of no record here.",
            )
        told = last.get(each["id"])
        if told is None or told["codes"] != each["codes"]:
            raise Broken(
                "result.differs",
                f"结果 {each['item']} 与审计链不符。",
                f"Result {each['item']} is not what the audit chain tells.",
            )
    if case["task"]["id"] != package.manifest["task"]["id"]:
        raise Broken("case.foreign", "案卷属于另一次检查。", "The case is another visit's.")
    if case["results"]:
        report.prove(
            "result.same",
            f"{len(case['results'])} 项检查结果的结论与审计链相符。",
            f"{len(case['results'])} results are what the audit chain tells.",
        )
    report.leave_open(
        "case.told",
        "案卷中的任务、人员和证号，是服务器的记载。",
        "The visit, its people and their certificates are what the server wrote down.",
    )


def _check_receipts(package: Package, report: Report) -> None:
    """The receipts that phones were given at the time say the same as the chain."""
    if package.manifest["version"] == 1:
        return
    entries = {each["seq"]: each for each in package.chain}
    witnessed = set()
    for token in package.read_json("receipts.json")["receipts"]:
        receipt = _opened_receipt(package, token)
        entry = entries.get(receipt["seq"])
        if entry is None or entry.get("subject") != receipt["rev"]:
            raise Broken(
                "receipt.foreign",
                f"第 {receipt['seq']} 条的回执不属于本包。",
                f"The receipt of entry {receipt['seq']} is about something else.",
            )
        if entry["hash"] != receipt["hash"]:
            raise Broken(
                "receipt.differs",
                f"审计链第 {receipt['seq']} 条与当时的回执不符。",
                f"Audit entry {receipt['seq']} is not what the receipt of that time says.",
            )
        witnessed.add(receipt["rev"])
    if witnessed:
        report.prove(
            "receipt.same",
            f"{len(witnessed & package.revisions.keys())} 个版本当时发给手机的回执与审计链相符；手机存有同样的回执。",
            f"The receipts given at the time for {len(witnessed & package.revisions.keys())} revisions match the"
            " audit chain; phones keep the same.",
        )
    for rev in sorted(package.revisions.keys() - witnessed):
        report.leave_open(
            "receipt.absent",
            f"{rev[:19]}… 的回执不在包内。",
            f"The receipt of {rev[:19]}… is not in the package.",
        )


def _check_kept_receipt(package: Package, report: Report, token: str) -> None:
    """A receipt that a phone kept says the same as the chain."""
    receipt = _opened_receipt(package, token)
    seq = receipt["seq"]
    entry = next((each for each in package.chain if each["seq"] == seq), None)
    if entry is None:
        report.leave_open(
            "receipt.elsewhere",
            f"回执的第 {seq} 条不在包内。",
            f"Entry {seq} of the receipt is not in the package.",
        )
    elif entry["hash"] != receipt["hash"]:
        raise Broken(
            "receipt.differs",
            f"审计链第 {seq} 条与手机回执不符。",
            f"Audit entry {seq} is not what the phone's receipt says.",
        )
    else:
        report.prove(
            "receipt.kept",
            f"审计链第 {seq} 条与手机回执相符。",
            f"Audit entry {seq} matches the phone's receipt.",
        )


def _opened_receipt(package: Package, token: Any) -> dict[str, Any]:
    receipt = open_token(package.manifest["server_keys"], "receipt", token)
    if receipt is None:
        raise Broken(
            "receipt.unsigned", "回执不是这台服务器签发的。", "The receipt was not signed by this server."
        )
    return receipt


_STEPS: tuple[Callable[[Package, Report], None], ...] = (
    _check_revisions,
    _check_parents,
    _check_devices,
    _check_media,
    _check_replays,
    _check_copies,
    _check_forms,
    _check_attestations,
    _check_chain,
    _check_times,
    _check_keys,
    _check_decisions,
    _check_case,
    _check_receipts,
)
_NEVER_PROVED = [
    Line(
        "never.phone-clock",
        "手机时钟是否准确；时间只以服务器为准。",
        "That the phone's clock was right; times are the server's.",
    ),
    Line(
        "never.holder",
        "当时谁持有手机；密钥属于谁、何时登记，是服务器的记载。",
        "Who held the phone; whose key it is, and since when, is what the server wrote down at enrolment.",
    ),
    Line(
        "never.later",
        "出包之后是否又有密钥被吊销，或有未列入的后续记录。",
        "What happened after the package was made, such as a key revoked since; or what was left out of it.",
    ),
    Line(
        "never.truth",
        "手机所报位置和照片内容是否真实。",
        "That positions and pictures show what was there: only that they were not changed since.",
    ),
    Line(
        "never.itself",
        "包内 verify.py 与各页面本身：存疑时请用另行取得的核对程序。",
        "verify.py and the pages of a package themselves: in doubt, use a verifier from elsewhere.",
    ),
]


# Signatures


def verify(jwk: Any, message: bytes, signature: str) -> bool:
    """Tell whether a P-256 key (JWK) signed a message; `signature` is base64 of r‖s. Never raises."""
    if not isinstance(signature, str) or not _SIGNATURE.fullmatch(signature):
        return False
    raw, point = base64.b64decode(signature), _point(jwk)
    if point is None or base64.b64encode(raw).decode("ascii") != signature:
        return False
    r, s = int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")
    if not (0 < r < _N and 0 < s < _N):
        return False
    digest = int.from_bytes(hashlib.sha256(PREFIX + message).digest(), "big")
    inverse = pow(s, -1, _N)
    found = _combine(digest * inverse % _N, r * inverse % _N, point)
    return found is not None and found[0] % _N == r


def key_id(jwk: Any) -> str:
    """Name a key by its RFC 7638 thumbprint; empty for what is no key."""
    if _point(jwk) is None:
        return ""
    members = {name: jwk[name] for name in ("crv", "kty", "x", "y")}
    return "k:" + _base64url(hashlib.sha256(_canonical(members)).digest())


def open_token(keys: list[Any], kind: str, token: Any) -> dict[str, Any] | None:
    """Read a receipt or beacon that one of the keys signed; None if none did."""
    try:
        payload, signature = (_unbase64url(part) for part in token.split("."))
        written = base64.b64encode(signature).decode("ascii")
        if not any(verify(key, kind.encode("ascii") + b"\0" + payload, written) for key in keys):
            return None
        return dict(_json(kind, payload))
    except (Broken, *_UNREADABLE):
        return None


def _point(jwk: Any) -> tuple[int, int] | None:
    """The point of a key, if it lies on the curve."""
    if not isinstance(jwk, dict) or (jwk.get("kty"), jwk.get("crv")) != ("EC", "P-256"):
        return None
    try:
        raw = [_unbase64url(jwk[name]) for name in ("x", "y")]
    except _UNREADABLE:
        return None
    x, y = (int.from_bytes(each, "big") for each in raw)
    on_curve = x < _P and y < _P and (y * y - x * x * x + 3 * x - _B) % _P == 0
    return (x, y) if on_curve and [len(each) for each in raw] == [32, 32] else None


def _combine(u: int, v: int, point: tuple[int, int]) -> tuple[int, int] | None:
    """Compute u·G + v·Q, both at once (Shamir's trick). None is the point at infinity.

    In Jacobian coordinates, x = X/Z² and y = Y/Z³, so that only the end divides.
    """
    sums = {1: _G, 2: point, 3: _add(_G, point)}
    x, y, z = 1, 1, 0
    for bit in range(255, -1, -1):
        x, y, z = _doubled(x, y, z)
        other = sums.get(u >> bit & 1 | (v >> bit & 1) << 1)
        if other is not None:
            x, y, z = _added(x, y, z, other)
    if z == 0:
        return None
    inverse = pow(z, -1, _P)
    square = inverse * inverse % _P
    return x * square % _P, y * square * inverse % _P


def _doubled(x: int, y: int, z: int) -> tuple[int, int, int]:
    delta, gamma = z * z % _P, y * y % _P
    beta, alpha = x * gamma % _P, 3 * (x - delta) * (x + delta) % _P
    doubled = (alpha * alpha - 8 * beta) % _P
    return doubled, (alpha * (4 * beta - doubled) - 8 * gamma * gamma) % _P, 2 * y * z % _P


def _added(x: int, y: int, z: int, other: tuple[int, int]) -> tuple[int, int, int]:
    if z == 0:
        return *other, 1
    square = z * z % _P
    width, height = (other[0] * square - x) % _P, (other[1] * square * z - y) % _P
    if width == 0:
        return _doubled(x, y, z) if height == 0 else (1, 1, 0)
    cube, middle = width * width * width % _P, x * width * width % _P
    found = (height * height - cube - 2 * middle) % _P
    return found, (height * (middle - found) - y * cube) % _P, z * width % _P


def _add(one: tuple[int, int] | None, other: tuple[int, int] | None) -> tuple[int, int] | None:
    if one is None or other is None:
        return other if one is None else one
    if one[0] == other[0]:
        if (one[1] + other[1]) % _P == 0:
            return None
        slope = 3 * (one[0] * one[0] - 1) * pow(2 * one[1], -1, _P) % _P
    else:
        slope = (other[1] - one[1]) * pow(other[0] - one[0], -1, _P) % _P
    x = (slope * slope - one[0] - other[0]) % _P
    return x, (slope * (one[0] - x) - one[1]) % _P


# Merkle trees (RFC 9162, 2.1)


def included(leaf: bytes, index: int, size: int, path: list[bytes], root: bytes) -> bool:
    """Tell whether leaf `index` (from 0) with this hash is in the tree of `size` leaves."""
    if not 0 <= index < size:
        return False
    found, place, last = leaf, index, size - 1
    for each in path:
        if last == 0:
            return False
        if place & 1 or place == last:
            found = _node(each, found)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            found = _node(found, each)
        place, last = place >> 1, last >> 1
    return last == 0 and found == root


def consistent(old: int, new: int, old_root: bytes, new_root: bytes, path: list[bytes]) -> bool:
    """Tell whether the tree of `old` leaves is the beginning of that of `new`."""
    if old == new:
        return old > 0 and not path and old_root == new_root
    if not 0 < old < new or not path:
        return False
    steps = path if old & (old - 1) else [old_root, *path]
    place, last = old - 1, new - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    before = after = steps[0]
    for each in steps[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            before, after = _node(each, before), _node(each, after)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            after = _node(after, each)
        place, last = place >> 1, last >> 1
    return last == 0 and before == old_root and after == new_root


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\1" + left + right).digest()


# Time-stamps (RFC 3161) and SM3 (GB/T 32905-2016)


def read_stamp(data: bytes) -> tuple[bytes, str]:
    """Read what a TimeStampResp (DER) claims: the SHA-256 it is about, and when. Raises ValueError; proves nothing."""
    (response,) = _der(data)
    status, token = _der(_value(response, 0x30))[:2]
    kind, signed = _der(_value(token, 0x30))
    (signed,) = _der(_value(signed, 0xA0))
    content = _der(_value(signed, 0x30))[2]
    said, octets = _der(_value(content, 0x30))
    (octets,) = _der(_value(octets, 0xA0))
    (info,) = _der(_value(octets, 0x04))
    _, _, imprint, _, at, *_ = _der(_value(info, 0x30))
    algorithm, digest = _der(_value(imprint, 0x30))
    oids = [_value(each, 0x06) for each in (kind, said, _der(_value(algorithm, 0x30))[0])]
    if _value(_der(_value(status, 0x30))[0], 0x02) not in {b"\0", b"\1"} or oids != _STAMP_OIDS:
        raise ValueError("no time-stamp over a SHA-256")
    moment = _STAMP_TIME.fullmatch(_value(at, 0x18).decode("ascii"))
    if moment is None:
        raise ValueError("no time")
    return _value(digest, 0x04), "{}-{}-{}T{}:{}:{}{}Z".format(*moment.groups(default=""))


_STAMP_TIME = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})(\.[0-9]+)?Z")
_STAMP_OIDS = [
    bytes.fromhex(each) for each in ("2a864886f70d010702", "2a864886f70d0109100104", "608648016503040201")
]


def _der(data: bytes) -> list[tuple[int, bytes]]:
    """Read the tags and contents that follow each other; lengths are definite and tags of one byte."""
    found = []
    while data:
        tag, length, start = data[0], data[1], 2
        if length > 0x80:
            start += length - 0x80
            length = int.from_bytes(data[2:start], "big")
        elif length == 0x80:
            raise ValueError("no definite length")
        if len(data) < start + length:
            raise ValueError("cut off")
        found.append((tag, data[start : start + length]))
        data = data[start + length :]
    return found


def _value(each: tuple[int, bytes], tag: int) -> bytes:
    if each[0] != tag:
        raise ValueError(f"tag {each[0]}, not {tag}")
    return each[1]


class Sm3:
    """SM3 for interpreters whose library has none; slow."""

    def __init__(self) -> None:
        self._state = [
            0x7380166F, 0x4914B2B9, 0x172442D7, 0xDA8A0600, 0xA96F30BC, 0x163138AA, 0xE38DEE4D, 0xB0FB0E4E,
        ]  # fmt: skip
        self._rest, self._size = b"", 0

    def update(self, data: bytes) -> None:
        """Hash on."""
        self._size += len(data)
        data = self._rest + data
        whole = len(data) - len(data) % 64
        for start in range(0, whole, 64):
            self._state = _compressed(self._state, data[start : start + 64])
        self._rest = data[whole:]

    def hexdigest(self) -> str:
        """End, and give the hash in hexadecimal digits."""
        size = self._size * 8
        self.update(b"\x80" + bytes(-(self._size + 9) % 64) + size.to_bytes(8, "big"))
        return b"".join(word.to_bytes(4, "big") for word in self._state).hex()


def _compressed(state: list[int], block: bytes) -> list[int]:
    w = list(struct.unpack(">16I", block))
    for j in range(16, 68):
        x = w[j - 16] ^ w[j - 9] ^ _rotated(w[j - 3], 15)
        w.append(x ^ _rotated(x, 15) ^ _rotated(x, 23) ^ _rotated(w[j - 13], 7) ^ w[j - 6])
    a, b, c, d, e, f, g, h = state
    for j in range(64):
        constant = _rotated(0x79CC4519 if j < 16 else 0x7A879D8A, j % 32)
        ss1 = _rotated(_rotated(a, 12) + e + constant & _WORD, 7)
        ff = a ^ b ^ c if j < 16 else a & b | a & c | b & c
        gg = e ^ f ^ g if j < 16 else e & f | ~e & g
        tt1 = ff + d + (ss1 ^ _rotated(a, 12)) + (w[j] ^ w[j + 4]) & _WORD
        tt2 = gg + h + ss1 + w[j] & _WORD
        a, b, c, d = tt1, a, _rotated(b, 9), c
        e, f, g, h = tt2 ^ _rotated(tt2, 9) ^ _rotated(tt2, 17), e, _rotated(f, 19), g
    return [one ^ other for one, other in zip(state, (a, b, c, d, e, f, g, h), strict=True)]


def _rotated(word: int, by: int) -> int:
    return (word << by | word >> 32 - by) & _WORD


_WORD = 0xFFFFFFFF


# Small things


def _json(name: str, data: bytes) -> Any:
    """Read JSON in which no name is given twice and every number is one. Raises Broken."""
    try:
        return json.loads(data.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise Broken("json.invalid", f"{name} 不是有效的 JSON。", f"{name} is no valid JSON.") from error


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("a name is given twice")
    return value


def _refuse(name: str) -> NoReturn:
    raise ValueError(name)


def _canonical(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _entry_hash(entry: dict[str, Any]) -> str:
    body = {name: value for name, value in entry.items() if name not in {"previous", "hash"}}
    return hashlib.sha256(entry["previous"].encode() + _canonical(body)).hexdigest()


def _plain(text: str) -> str:
    """Keep what a stranger's text could do to a terminal out of it."""
    return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in text)


def _of_role(package: Package, role: str) -> set[str]:
    return {each["path"] for each in package.manifest["files"] if each["role"] == role}


def _same(what: str, wanted: set[str], found: set[str]) -> None:
    if wanted != found:
        some = ", ".join(sorted(wanted ^ found)[:3])
        raise Broken(
            "manifest.lists", f"{what} 与清单不符：{some}", f"{what} differ from the manifest: {some}"
        )


def _hex(rev: str) -> str:
    return rev.removeprefix("sha256:")


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def _unbase64url(text: str) -> bytes:
    data = base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
    if _base64url(data) != text:
        raise ValueError("not canonical base64url")
    return data


if __name__ == "__main__":
    sys.exit(main())
