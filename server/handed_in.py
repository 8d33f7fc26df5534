"""Work of a phone that nobody can unlock, taken from its export: into a folder, or to the server for its author.

What was sealed keeps the bytes and the signature of its author and goes to the server as any holder gives work back
(docs/protocol.md, decision 0029). What was not sealed yet is nobody's word: it goes into a folder only.
"""

import base64
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import requests

from server.db import Json
from server.rehearsal.door import Door, RefusedError
from sync import MAX_BODY, MAX_ITEMS, EscrowKey, Export, read_export

_TUS = {"Tus-Resumable": "1.0.0"}
TAKEN = frozenset({"accepted", "accepted_late"})
"""Outcomes of work that is now in its record; the rest waits for a person."""

_HASHES = 500
_ENVELOPE = 10_000  # bytes of a push beside its items


@dataclass(frozen=True)
class Offered:
    """What the server answered: how many operations of each outcome, and files by what became of them."""

    outcomes: Mapping[str, int]
    sent: int
    there: int
    lacking: tuple[str, ...]


def write_out(export: Path, key: EscrowKey, folder: Path) -> Export:
    """Write what is in an export to a new folder: `export.json`, `revisions/`, `drafts/`, `media/`.

    Raises FileExistsError where the folder is there, and what `read_export` does; the folder holds what was read then.
    """
    folder.mkdir(parents=True, mode=0o700)
    for name in ("revisions", "drafts", "media"):
        (folder / name).mkdir()

    def keep(name: str, _row: Mapping[str, Any], pieces: Iterator[bytes]) -> None:
        with (folder / "media" / Path(name).name).open("wb") as file:
            file.writelines(pieces)

    with export.open("rb") as source:
        found = read_export(source, key, keep)
    for op in found.ops:
        if op["kind"] == "revision":
            data = base64.b64decode(op["item"]["bytes"])
            (folder / "revisions" / f"{hashlib.sha256(data).hexdigest()}.json").write_bytes(data)
    for draft in found.drafts:
        (folder / "drafts" / f"{Path(draft['record']).name}.xml").write_text(
            draft.get("xml") or "", encoding="utf-8"
        )
    told = asdict(found) | {"files": [asdict(each) for each in found.files]}
    (folder / "export.json").write_text(json.dumps(told, ensure_ascii=False, indent=1), encoding="utf-8")
    return found


def offer(export: Path, key: EscrowKey, door: Door, epoch: str, tell: Callable[[str], None]) -> Offered:
    """Offer the sealed work in an export to the server, records before their files. Offered twice it is there once.

    `door`: somebody is signed in there who may sync, and was told the `epoch`; the work stays its author's.
    """
    with export.open("rb") as source:
        found = read_export(source, key)
    outcomes = _push(door, epoch, [op["item"] for op in found.ops], tell)
    named = sorted({sha256 for op in found.ops for sha256 in op["media"]})
    wanted = _absent(door, named)
    tried: set[str] = set()

    def keep(name: str, row: Mapping[str, Any], pieces: Iterator[bytes]) -> None:
        sha256 = row["sha256"]
        if sha256 in wanted - tried:
            _upload(door, name, row, pieces)
            tried.add(sha256)
            tell(f"{sha256[:12]}… {row['size']} 字节 bytes")

    with export.open("rb") as source:
        read_export(source, key, keep)
    lacking = _absent(door, named)
    return Offered(outcomes, len(wanted - lacking), len(set(named) - wanted), tuple(sorted(lacking)))


def _push(door: Door, epoch: str, items: list[Json], tell: Callable[[str], None]) -> dict[str, int]:
    outcomes: dict[str, int] = {}
    for batch in _batches(items):
        body = {
            "epoch": epoch,
            "batch": str(uuid4()),
            "items": [{**item, "op": str(uuid4())} for item in batch],
        }
        for answer in door.ask("POST", "/api/v1/sync/push", body)["items"]:
            outcomes[answer["outcome"]] = outcomes.get(answer["outcome"], 0) + 1
            tell(
                f"{answer.get('rev') or answer['op']}: {answer['outcome']} {answer.get('reason') or ''}".rstrip()
            )
    return outcomes


def _batches(items: list[Json]) -> Iterator[list[Json]]:
    batch: list[Json] = []
    size = 0
    for item in items:
        length = len(json.dumps(item))
        if batch and (len(batch) == MAX_ITEMS or size + length > MAX_BODY - _ENVELOPE):
            yield batch
            batch, size = [], 0
        batch.append(item)
        size += length
    if batch:
        yield batch


def _absent(door: Door, hashes: list[str]) -> set[str]:
    found: set[str] = set()
    for start in range(0, len(hashes), _HASHES):
        body = {"sha256": hashes[start : start + _HASHES]}
        media = door.ask("POST", "/api/v1/media/status", body)["media"]
        found |= {sha256 for sha256, state in media.items() if state in {"absent", "partial"}}
    return found


def _upload(door: Door, name: str, row: Mapping[str, Any], pieces: Iterator[bytes]) -> None:
    """Send a file by tus, a piece at a time."""
    metadata = {"filename": name, "filetype": row["type"], "sha256": row["sha256"]}
    encoded = ",".join(
        f"{each} {base64.b64encode(value.encode()).decode()}" for each, value in metadata.items()
    )
    created = _sound(
        door.call(
            "POST",
            "/api/v1/media",
            headers=_TUS | {"Upload-Length": str(row["size"]), "Upload-Metadata": encoded},
        )
    )
    offset = int(created.headers.get("Upload-Offset", "0"))
    at = 0
    for piece in pieces:
        start, at = at, at + len(piece)
        if at <= offset:
            continue  # the server has it from somebody else
        headers = _TUS | {
            "Upload-Offset": str(max(start, offset)),
            "Content-Type": "application/offset+octet-stream",
        }
        _sound(
            door.call(
                "PATCH", created.headers["Location"], data=piece[max(0, offset - start) :], headers=headers
            )
        )


def _sound(response: requests.Response) -> requests.Response:
    if response.status_code >= requests.codes.bad_request:
        raise RefusedError(response.status_code, response.json() if response.content else {})
    return response
