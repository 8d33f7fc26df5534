"""The XML of OpenRosa: the list of forms, a form's manifest, the state of entities, the answer to a submission.

Written through lxml, which refuses what XML can't hold, so that one odd title can't break a list for everybody.
Sources: the OpenRosa form discovery, form submission and metadata specifications, and what Collect reads of them.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, cast
from uuid import UUID

from lxml import etree

CONTENT_TYPE: Final = "text/xml; charset=utf-8"
_FORMS: Final = "http://openrosa.org/xforms/xformsList"
_MANIFEST: Final = "http://openrosa.org/xforms/xformsManifest"
_RESPONSE: Final = "http://openrosa.org/http/response"
_UNWRITABLE: Final = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class OfferedForm:
    """A form in the list. `md5` is of the very bytes that `url` gives."""

    form_id: str
    name: str
    version: str
    md5: str
    url: str
    manifest_url: str | None


@dataclass(frozen=True)
class OfferedFile:
    """A file of a form. `integrity_url` makes it an entity list, whose `md5` only has to differ when it does."""

    name: str
    md5: str
    url: str
    integrity_url: str | None = None


def _plain(namespace: str) -> dict[str, str]:
    """Write a namespace without a prefix: Collect looks for names that have none."""
    return cast("dict[str, str]", {None: namespace})


def write_form_list(forms: Iterable[OfferedForm]) -> bytes:
    """Write the list of forms."""
    root = etree.Element(f"{{{_FORMS}}}xforms", nsmap=_plain(_FORMS))
    for form in forms:
        entry = etree.SubElement(root, f"{{{_FORMS}}}xform")
        told = {
            "formID": form.form_id,
            "name": form.name or form.form_id,
            "version": form.version,
            "hash": f"md5:{form.md5}",
            "downloadUrl": form.url,
            "manifestUrl": form.manifest_url,
        }
        _write_texts(entry, _FORMS, told)
    return _bytes(root)


def write_manifest(files: Iterable[OfferedFile]) -> bytes:
    """Write the files that come beside a form."""
    root = etree.Element(f"{{{_MANIFEST}}}manifest", nsmap=_plain(_MANIFEST))
    for file in files:
        entry = etree.SubElement(root, f"{{{_MANIFEST}}}mediaFile")
        if file.integrity_url:
            entry.set("type", "entityList")
        told = {
            "filename": file.name,
            "hash": f"md5:{file.md5}",
            "downloadUrl": file.url,
            "integrityUrl": file.integrity_url,
        }
        _write_texts(entry, _MANIFEST, told)
    return _bytes(root)


def write_integrity(deleted: Mapping[UUID, bool]) -> bytes:
    """Write of each entity whether it is gone."""
    root = etree.Element("data")
    entities = etree.SubElement(root, "entities")
    for each, gone in deleted.items():
        entity = etree.SubElement(entities, "entity", {"id": str(each)})
        etree.SubElement(entity, "deleted").text = "true" if gone else "false"
    return _bytes(root)


def write_response(message: str, nature: str) -> bytes:
    """Write what Collect shows to the inspector."""
    root = etree.Element(f"{{{_RESPONSE}}}OpenRosaResponse", nsmap=_plain(_RESPONSE))
    told = etree.SubElement(root, f"{{{_RESPONSE}}}message", {"nature": nature})
    told.text = _UNWRITABLE.sub("\ufffd", message)
    return _bytes(root)


def _write_texts(parent: etree._Element, namespace: str, texts: Mapping[str, str | None]) -> None:
    for name, text in texts.items():
        if text is not None:
            etree.SubElement(parent, f"{{{namespace}}}{name}").text = _UNWRITABLE.sub("\ufffd", text)


def _bytes(root: etree._Element) -> bytes:
    return bytes(etree.tostring(root, encoding="UTF-8", xml_declaration=True))
