"""Files that phones give out: what is damaged is told, and takes nothing else with it."""

import base64
import hashlib
import io
import json

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sync import EscrowKey, ExportBroken, NotOpened, read_export

ESCROW, PERSON, DEVICE = EscrowKey.generate(), "person", "device"
DATA_KEY, PARCEL_KEY = bytes(range(32)), bytes(range(1, 33))
HEADER = b"MSV\x01"
FILM = [b"a" * 1_000_000, b"b" * 1_000_000, b"c" * 500]
SHA256 = hashlib.sha256(b"".join(FILM)).hexdigest()
FILE = {"name": "f.mp4", "record": "r", "type": "video/mp4", "size": sum(map(len, FILM)), "sha256": SHA256}


def sized(data):
    return len(data).to_bytes(4, "big") + data


def sealed(data):
    nonce = b"n" * 12
    return HEADER + nonce + AESGCM(DATA_KEY).encrypt(nonce, data, HEADER)


def begun(magic, **more):
    wrapped = ESCROW.wrap(DATA_KEY, PERSON, DEVICE)
    header = {
        "person": PERSON,
        "device": DEVICE,
        "packed_at": "2026-11-26T01:02:03.000Z",
        "organisation": {"key": ESCROW.key_id, "bytes": base64.b64encode(wrapped).decode()},
    }
    return magic + sized(json.dumps(header | more).encode())


def a_storage(spoiled=""):
    """A storage of an operation, a draft and a film; one sealed part may be spoiled."""
    rows = [
        ({"kind": "op", "op": "o", "place": 0}, {"op": b'{"rev": "sha256:1"}'}),
        ({"kind": "draft", "record": "d", "has": ["xml"]}, {"xml": b"<data/>"}),
        ({"kind": "told", "name": "typed-d"}, {"typed": b'{"/data/a": "1"}'}),
        ({"kind": "file", **FILE}, {"told": b'{"source": "camera"}'} | dict(zip("123", FILM, strict=True))),
    ]
    data = begun(b"MSS1")
    for row, parts in rows:
        closed = [
            sealed(part)[:-1] + b"?" if name == spoiled else sealed(part) for name, part in parts.items()
        ]
        data += sized(json.dumps(row | {"parts": [len(part) for part in closed]}).encode()) + b"".join(closed)
    return data + sized(b'{"kind": "end", "parts": []}')


def a_parcel(order=(0, 1, 2, 3, 4)):
    contents = {"ops": [], "drafts": [], "files": [FILE | {"told": {}}]}
    plain = [b"\0" + json.dumps(contents).encode(), *(b"\1" + each for each in FILM), b'\0{"end": true}']
    frames = []
    for number, each in enumerate(plain):
        nonce = number.to_bytes(12, "big")
        frames.append(sized(AESGCM(PARCEL_KEY).encrypt(nonce, each, nonce)))
    vault = base64.b64encode(sealed(PARCEL_KEY)).decode()
    return begun(b"MSX1", vault=vault) + b"".join(frames[number] for number in order)


def read(data, key=ESCROW):
    return read_export(io.BytesIO(data), key)


def test_a_storage_opens_with_the_organisations_key_and_with_no_other():
    found = read(a_storage())

    assert (found.person, found.device, found.unreadable) == (PERSON, DEVICE, [])
    assert found.ops == [{"rev": "sha256:1"}]
    assert found.drafts == [{"record": "d", "xml": "<data/>"}]
    assert found.told == {"typed-d": {"/data/a": "1"}}
    [film] = found.files
    assert (film.sha256, film.is_whole, film.told) == (SHA256, True, {"source": "camera"})
    with pytest.raises(NotOpened):
        read(a_storage(), EscrowKey.generate())


@pytest.mark.parametrize(
    ("spoiled", "unreadable"), [("op", ["op o"]), ("xml", ["draft d"]), ("typed", ["told typed-d"])]
)
def test_a_part_of_a_storage_that_does_not_open_takes_nothing_else_with_it(spoiled, unreadable):
    found = read(a_storage(spoiled))

    assert found.unreadable == unreadable
    assert len(found.ops) + len(found.drafts) + len(found.told) == 2
    assert [film.is_whole for film in found.files] == [True]


@pytest.mark.parametrize(("spoiled", "size"), [("told", FILE["size"]), ("2", 1_000_000), ("1", 0)])
def test_of_a_damaged_film_is_kept_what_comes_before_the_damage(spoiled, size):
    [film] = read(a_storage(spoiled)).files

    assert (film.size, film.is_whole) == (size, spoiled == "told")


def test_a_parcel_opens_by_the_key_that_lies_in_its_vault():
    [film] = read(a_parcel()).files

    assert (film.sha256, film.is_whole) == (SHA256, True)


@pytest.mark.parametrize("order", [(0, 2, 1, 3, 4), (0, 1, 2, 3), (0, 1, 3, 4), (1, 0, 2, 3, 4)])
def test_a_parcel_whose_frames_were_moved_or_taken_is_broken(order):
    with pytest.raises(ExportBroken):
        read(a_parcel(order))


@pytest.mark.parametrize("end", [3, 6, 200, 1000, 1_500_000, -1])
@pytest.mark.parametrize("whole", [a_storage(), a_parcel()], ids=["storage", "parcel"])
def test_an_export_that_was_cut_off_anywhere_says_so(whole, end):
    with pytest.raises(ExportBroken):
        read(whole[:end])


def test_what_is_no_export_says_so():
    for data in (
        b"",
        b"PK\3\4",
        b"MSS1",
        b"MSS1" + sized(b"[]"),
        b"MSX1" + sized(b"{}"),
        b"MSX1\xff\xff\xff\xff",
    ):
        with pytest.raises(ExportBroken):
            read(data)
