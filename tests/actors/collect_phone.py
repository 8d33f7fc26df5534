"""ODK Collect in the cast, written from what its code does: unmodified, and with all its habits.

It keeps to the list exactly (adds, updates and deletes blank forms), compares hashes, throws a whole entity list away
for one bad row, sends oldest first in portions of the size it was told, asks before every record, and marks a record
as failed before it sends it.
"""

import base64
import csv
import hashlib
import io
import json
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from lxml import etree
from werkzeug.test import TestResponse

from forms import Form, ListTable, amend_instance, complete_instance, compose_instance, load_form
from server.clock import CHINA
from server.http import App

_FORMS = "{http://openrosa.org/xforms/xformsList}"
_MANIFEST = "{http://openrosa.org/xforms/xformsManifest}"
_RESPONSE = "{http://openrosa.org/http/response}"
#: What Java takes no address with.
_NO_ADDRESS = re.compile(r'[\s"<>\\^`{|}]')
HINT = 10_000_000
MOST_FILES = 101
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF"


class NotOpenRosa(AssertionError):
    """What a phone would say of such a server."""


@dataclass
class BlankForm:
    """A form on the phone: its exact bytes, and plain files beside it with the hashes they came with."""

    md5: str
    version: str
    xform: bytes
    form: Form
    files: dict[str, bytes] = field(default_factory=dict)


@dataclass
class Entity:
    """A row of an entity list on the phone."""

    version: int
    row: dict[str, str]
    offline: bool = False


@dataclass
class Filled:
    """A record on the phone, in a folder of its own. `failed` until it was answered with 201."""

    form_id: str
    instance_id: str
    xml: bytes
    files: dict[str, bytes]
    failed: bool = False
    sent: bool = False
    message: str = ""


class CollectPhone:
    """A stock phone that was set up with a QR code; an `older` one names itself only with what it sends (collect #7062)."""

    def __init__(self, app: App, code: str, phone: str | None = None, *, older: bool = False) -> None:
        told = json.loads(zlib.decompress(base64.b64decode(code)))
        self.app = app
        self.settings: dict[str, Any] = told
        self.server_url: str = told["general"]["server_url"].rstrip("/")
        self.phone = phone or f"collect:{uuid4().hex[:16]}"
        self.older = older
        self.forms: dict[str, BlankForm] = {}
        self.lists: dict[str, dict[str, Entity]] = {}
        self.list_hashes: dict[str, str] = {}
        self.records: list[Filled] = []
        self.cache: dict[str, tuple[str, bytes]] = {}
        self.asked: list[tuple[str, int]] = []

    # The wire

    def call(self, method: str, url: str, **options: Any) -> TestResponse:
        """Send a request as Collect does: its headers, and `deviceID` behind the address."""
        if _NO_ADDRESS.search(url):
            raise NotOpenRosa(f"Unable to get a URI for download URL: {url}")
        path = urlsplit(url)
        named = [] if self.older and method == "GET" else [f"deviceID={self.phone}"]
        query = "&".join([path.query, *named] if path.query else named)
        headers = {
            "X-OpenRosa-Version": "1.0",
            "User-Agent": "org.odk.collect.android/v2026.3.3 Dalvik/2.1.0",
        }
        response = self.app.test_client().open(
            path.path,
            method=method,
            base_url=f"{path.scheme}://{path.netloc}",
            query_string=query,
            headers=headers | options.pop("headers", {}),
            buffered=True,
            **options,
        )
        self.asked.append((f"{method} {path.path.rpartition('/')[2]}", response.status_code))
        return response

    def fetches(self, url: str, *, xml: bool = False) -> bytes:
        """Fetch something through the cache on the disk, which asks whether it is still so."""
        known = self.cache.get(url)
        response = self.call("GET", url, headers={"If-None-Match": known[0]} if known else {})
        if response.status_code == 304:
            assert known
            return known[1]
        if response.status_code != 200:
            raise NotOpenRosa(f"{response.status_code}: {response.get_data(as_text=True)[:500]}")
        if xml and (
            response.headers.get("X-OpenRosa-Version") != "1.0"
            or "text/xml" not in response.headers["Content-Type"]
        ):
            raise NotOpenRosa("This server does not correctly implement the OpenRosa formList API")
        if "ETag" in response.headers:
            self.cache[url] = (response.headers["ETag"], response.data)
        return response.data

    # Forms and lists

    def updates(self) -> "CollectPhone":
        """Make the blank forms equal to the server's list ("match exactly"), and their files."""
        root = etree.fromstring(self.fetches(f"{self.server_url}/formList", xml=True))
        assert root.tag == f"{_FORMS}xforms"
        offered = [{child.tag.removeprefix(_FORMS): child.text or "" for child in each} for each in root]
        for entry in offered:
            assert {"formID", "name", "downloadUrl"} <= entry.keys(), "one bad item kills the whole list"
            self._updates_form(entry)
        for gone in self.forms.keys() - {entry["formID"] for entry in offered}:
            del self.forms[gone]
        return self

    def _updates_form(self, entry: Mapping[str, str]) -> None:
        assert entry["hash"].startswith("md5:"), "The server did not provide a hash for this form"
        md5 = entry["hash"].removeprefix("md5:")
        known = self.forms.get(entry["formID"])
        if known is None or known.md5 != md5:
            xform = self.fetches(entry["downloadUrl"])
            assert hashlib.md5(xform).hexdigest() == md5, "a wrong hash makes the form come and go"
            form = load_form(xform)
            assert form.version == entry["version"]
            known = self.forms[entry["formID"]] = BlankForm(md5, entry["version"], xform, form)
        if "manifestUrl" in entry:
            self._updates_files(known, entry["manifestUrl"])

    def _updates_files(self, blank: BlankForm, url: str) -> None:
        root = etree.fromstring(self.fetches(url, xml=True))
        assert root.tag == f"{_MANIFEST}manifest"
        for each in root:
            told = {child.tag.removeprefix(_MANIFEST): child.text or "" for child in each}
            name, md5 = told["filename"], told["hash"].removeprefix("md5:")
            if each.get("type") == "entityList":
                list_name = name.removesuffix(".csv")
                if self.list_hashes.get(list_name) != md5:
                    self._updates_list(list_name, self.fetches(told["downloadUrl"]), told["integrityUrl"])
                    self.list_hashes[list_name] = md5
            elif hashlib.md5(blank.files.get(name, b"")).hexdigest() != md5:
                blank.files[name] = self.fetches(told["downloadUrl"])
                assert hashlib.md5(blank.files[name]).hexdigest() == md5

    def _updates_list(self, name: str, content: bytes, integrity_url: str) -> None:
        rows = list(csv.DictReader(io.StringIO(content.decode())))
        here = self.lists.setdefault(name, {})
        for row in rows:
            if not row.get("name") or not row.get("label") or not (row.get("__version") or "").isdigit():
                return  # silently: the whole update is thrown away
        missing = dict(here)
        for row in rows:
            missing.pop(row["name"], None)
            version, known = int(row["__version"]), here.get(row["name"])
            if known is None or known.version < version:
                here[row["name"]] = Entity(version, row)
            else:  # as it was: a row that is another one has another version
                known.offline = False
        for entity_id, entity in missing.items():
            if not entity.offline:
                del here[entity_id]
        unseen = [entity_id for entity_id, entity in missing.items() if entity.offline]
        if unseen:
            answer = etree.fromstring(self.fetches(f"{integrity_url}?id={','.join(unseen)}", xml=True))
            for each in answer.iter("entity"):
                if each.findtext("deleted") == "true":
                    here.pop(each.get("id"), None)

    def tasks(self) -> dict[str, dict[str, str]]:
        """The tasks that the phone shows, by id."""
        return {entity_id: entity.row for entity_id, entity in self.lists.get("tasks", {}).items()}

    # Records

    def fills(
        self,
        form_id: str,
        answers: Mapping[str, Any],
        files: Mapping[str, bytes] | None = None,
        instance_id: str | None = None,
    ) -> Filled:
        """Fill a blank form in and finalise the record."""
        blank = self.forms[form_id]
        instance_id, now = instance_id or f"uuid:{uuid4()}", datetime.now(CHINA)
        xml = compose_instance(blank.form, answers, instance_id, started_at=now, ended_at=now)
        if blank.form.external_lists:
            xml = complete_instance(blank.form, xml, now=now, lists=self._tables(blank))
        filled = Filled(form_id, instance_id, xml, dict(files or {}))
        self.records.append(filled)
        return filled

    def edits(
        self, original: Filled, changes: Mapping[str, Any], files: Mapping[str, bytes] | None = None
    ) -> Filled:
        """Edit a finalised or sent record: a clone of its folder with a new id that names the old one."""
        assert original in self.records, "only what is still on the phone can be edited"
        instance_id = f"uuid:{uuid4()}"
        root = etree.fromstring(amend_instance(original.xml, changes))
        [meta] = [child for child in root if etree.QName(child).localname == "meta"]
        named = {etree.QName(child).localname: child for child in meta}
        named["instanceID"].text = instance_id
        if "deprecatedID" not in named:
            named["deprecatedID"] = etree.SubElement(
                meta, named["instanceID"].tag.replace("instanceID", "deprecatedID")
            )
        named["deprecatedID"].text = original.instance_id
        xml = etree.tostring(root, encoding="UTF-8", xml_declaration=True)
        filled = Filled(original.form_id, instance_id, xml, original.files | dict(files or {}))
        self.records.append(filled)
        return filled

    def _tables(self, blank: BlankForm) -> dict[str, ListTable]:
        tables = {
            name.removesuffix(".csv"): ListTable.read_csv(content) for name, content in blank.files.items()
        }
        return tables | {
            name: ListTable([entity.row for entity in rows.values()]) for name, rows in self.lists.items()
        }

    # Sending

    def sends(self) -> list[Filled]:
        """Send all that is finalised and not sent, oldest first; returns what was sent now."""
        return [record for record in self.records if not record.sent and self.sends_one(record)]

    def sends_one(self, record: Filled) -> bool:
        """Ask for the size of portions, send them, and believe nothing but 201 or 202."""
        record.failed = True
        head = self.call("HEAD", f"{self.server_url}/submission")
        hint = (
            int(head.headers.get("X-OpenRosa-Accept-Content-Length", HINT))
            if head.status_code == 204
            else HINT
        )
        for portion, is_last in self.portions(record, hint):
            response = self.posts(record.xml, portion, more=not is_last)
            record.message = message_of(response)
            if response.status_code not in {201, 202}:
                return False
        record.failed, record.sent = False, True
        return True

    def portions(self, record: Filled, hint: int) -> list[tuple[dict[str, bytes], bool]]:
        """Cut the files of a record into portions, at least one file in each, however large."""
        portions: list[dict[str, bytes]] = [{}]
        size = len(record.xml)
        for name, content in record.files.items():
            if portions[-1] and (size + len(content) > hint or len(portions[-1]) >= MOST_FILES):
                portions.append({})
                size = len(record.xml)
            portions[-1][name] = content
            size += len(content)
        return [(portion, number == len(portions)) for number, portion in enumerate(portions, 1)]

    def posts(
        self,
        xml: bytes,
        files: Mapping[str, bytes] | None = None,
        *,
        more: bool = False,
        cut_at: int | None = None,
    ) -> TestResponse:
        """Send one portion; `cut_at`: the line breaks after so many bytes of it."""
        body, content_type = multipart(xml, files or {}, more=more)
        if cut_at is not None:
            return self.call(
                "POST",
                f"{self.server_url}/submission",
                input_stream=io.BytesIO(body[:cut_at]),
                headers={"Content-Type": content_type, "Content-Length": str(len(body))},
            )
        return self.call("POST", f"{self.server_url}/submission", data=body, content_type=content_type)


def multipart(xml: bytes, files: Mapping[str, bytes], *, more: bool) -> tuple[bytes, str]:
    """Write a body as OkHttp does: raw UTF-8 in names, the XML first, `*isIncomplete*` last."""
    boundary = uuid4().hex
    parts = [_part(boundary, "xml_submission_file", "矿界核查.xml", "text/xml; charset=utf-8", xml)]
    parts += [_part(boundary, name, name, _type_of(name), content) for name, content in files.items()]
    if more:
        parts.append(
            f'--{boundary}\r\nContent-Disposition: form-data; name="*isIncomplete*"\r\nContent-Length: 3\r\n\r\nyes\r\n'.encode()
        )
    return b"".join(parts) + f"--{boundary}--\r\n".encode(), f"multipart/form-data; boundary={boundary}"


def _part(boundary: str, name: str, file: str, kind: str, content: bytes) -> bytes:
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="{file}"\r\n'
        f"Content-Type: {kind}\r\nContent-Length: {len(content)}\r\n\r\n"
    )
    return head.encode() + content + b"\r\n"


def _type_of(name: str) -> str:
    kinds = {"jpg": "image/jpeg", "png": "image/png", "csv": "text/csv", "m4a": "audio/mp4"}
    return kinds.get(name.rpartition(".")[2], "application/octet-stream")


def message_of(response: TestResponse) -> str:
    """What the phone shows: the message of the answer, without a prefix."""
    if not response.data:
        return ""
    return etree.fromstring(response.data).findtext(f"{_RESPONSE}message") or ""


def photo(seed: Any, size: int = 2000) -> bytes:
    """Bytes that look like a photo, always the same for a seed."""
    content = hashlib.sha256(str(seed).encode()).digest() * (size // 32 + 1)
    return JPEG + content[: size - len(JPEG)]


def settings_code(general: Mapping[str, Any]) -> str:
    """A code as a supervisor's page shows it, made by hand."""
    told = {"general": dict(general), "admin": {}}
    return base64.b64encode(zlib.compress(json.dumps(told).encode())).decode()
