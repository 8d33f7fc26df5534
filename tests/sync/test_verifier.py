"""The verifier alone: its own arithmetic against a library's, and files that mean harm."""

import ast
import base64
import io
import json
import re
import struct
import zipfile
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SM3, Hash
from hypothesis import given, settings
from hypothesis import strategies as st

from sync import ServerKey, generate_device_key, key_id, public_jwk, sign, verifier, verify
from tests.sync.sync_makers import KEY, json_values

JWK = public_jwk(KEY)
VECTORS = json.loads(Path(__file__).with_name("vectors.json").read_text("utf-8"))
TELLING = {"prove", "leave_open"}
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def both(jwk, data, signature):
    """What the verifier and the library say; they have to say the same."""
    ours = verifier.verify(jwk, data, signature)
    assert ours == verify(jwk, data, signature)
    return ours


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=300))
def test_what_a_key_signed_holds_without_a_library(data):
    key = generate_device_key()
    assert both(public_jwk(key), data, sign(key, data))
    assert not both(JWK, data, sign(key, data))
    assert not both(public_jwk(key), data + b"x", sign(key, data))


@pytest.mark.parametrize("secret", [1, 2, 3, 4, N - 1, N - 2, N - 3, (N + 1) // 2])
def test_points_that_meet_the_base_point_or_its_opposite_add_up(secret):
    """Where the sums of u·G + v·Q pass through doubling, and through infinity."""
    key = ec.derive_private_key(secret, ec.SECP256R1())
    for number in range(20):
        assert both(public_jwk(key), str(number).encode(), sign(key, str(number).encode()))
        assert not both(public_jwk(key), b"other", sign(key, str(number).encode()))


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=60), st.integers(0, 511))
def test_a_flipped_bit_of_a_signature_is_a_no(data, bit):
    raw = bytearray(base64.b64decode(sign(KEY, data)))
    raw[bit // 8] ^= 1 << bit % 8
    assert not both(JWK, data, base64.b64encode(raw).decode())


@pytest.mark.parametrize("r", [0, 1, 2, N - 1, N, N + 1, 2**256 - 1])
@pytest.mark.parametrize("s", [0, 1, 2, N - 1, N, N + 1, 2**256 - 1])
def test_numbers_at_the_edges_are_a_no(r, s):
    raw = r.to_bytes(32, "big") + s.to_bytes(32, "big")
    assert not both(JWK, b"data", base64.b64encode(raw).decode())


def test_the_published_vectors_hold_and_the_bad_ones_do_not():
    jwk = VECTORS["device_key"]["jwk"]
    data = base64.b64decode(VECTORS["revision"]["bytes"])
    assert both(jwk, data, VECTORS["revision"]["sig"])
    assert verifier.key_id(jwk) == key_id(jwk) == VECTORS["device_key"]["key_id"]
    for signature in VECTORS["bad_signatures"].values():
        assert not both(jwk, data, signature)
    server = [VECTORS["server_key"]["jwk"]]
    assert verifier.open_token(server, "receipt", VECTORS["receipt"]["token"])["seq"] == 81235
    assert verifier.open_token(server, "beacon", VECTORS["beacon"]["token"])
    assert verifier.open_token(server, "receipt", VECTORS["beacon"]["token"]) is None
    assert verifier.open_token([jwk], "receipt", VECTORS["receipt"]["token"]) is None


@given(
    json_values
    | st.fixed_dictionaries(
        {"kty": st.just("EC"), "crv": st.just("P-256"), "x": json_values, "y": json_values}
    )
)
def test_what_is_no_key_signs_nothing_and_has_no_name(jwk):
    assert not verifier.verify(jwk, b"data", sign(KEY, b"data"))
    assert verifier.key_id(jwk) == ""


@given(st.text(max_size=80))
def test_garbage_is_no_signature_and_no_token(text):
    assert not verifier.verify(JWK, b"data", text)
    assert verifier.open_token([JWK], "receipt", text) is None


def test_a_point_beside_the_curve_is_no_key():
    beside = JWK | {"y": JWK["x"]}
    assert verifier.key_id(beside) == ""
    assert not both(beside, b"data", sign(KEY, b"data"))


@pytest.mark.parametrize(
    ("message", "digest"),  # GB/T 32905-2016, appendix A
    [
        (b"abc", "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"),
        (b"abcd" * 16, "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"),
    ],
)
def test_the_published_hashes_of_sm3_come_out(message, digest):
    ours = verifier.Sm3()
    ours.update(message)
    assert ours.hexdigest() == digest


@settings(max_examples=50, deadline=None)
@given(st.lists(st.binary(max_size=200), max_size=5))
def test_our_sm3_is_that_of_a_library_however_the_bytes_come(pieces):
    ours, library = verifier.Sm3(), Hash(SM3())
    for piece in pieces:
        ours.update(piece)
        library.update(piece)
    assert ours.hexdigest() == library.finalize().hex()


@given(st.binary(max_size=300))
def test_bytes_that_are_no_time_stamp_say_nothing(data):
    with pytest.raises((ValueError, LookupError)):
        verifier.read_stamp(data)


def package(files, method=zipfile.ZIP_STORED):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return made.getvalue()


def broken(data):
    report = verifier.check(io.BytesIO(data))
    assert not report.holds
    assert "DOES NOT HOLD" in report.as_text()
    return report.broken[0].english


@pytest.mark.parametrize(
    "name",
    ["../verify.py", "/index.html", "media/../x", "C:\\x", "media/x", "index.html/", "revisions/", "\x1b[2J"],
)
def test_a_name_outside_the_layout_is_refused(name):
    assert "does not belong here" in broken(package([(name, b"")]))


def test_what_is_compressed_is_refused_before_it_is_opened():
    bomb = package([("index.html", b"0" * 10_000_000)], zipfile.ZIP_DEFLATED)
    assert "compressed" in broken(bomb)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_is_used_twice_is_refused():
    assert "twice" in broken(package([("index.html", b"1"), ("index.html", b"2")]))


def test_members_that_claim_more_than_the_file_holds_are_refused():
    data = bytearray(package([("index.html", b"12345678")]))
    directory = data.index(b"PK\x01\x02")
    data[directory + 20 : directory + 28] = struct.pack("<II", 4_000_000, 4_000_000)
    assert "larger than the file" in broken(bytes(data))


def test_too_many_members_are_refused(monkeypatch):
    monkeypatch.setattr(verifier, "MAX_MEMBERS", 3)
    assert "Too many" in broken(package([(f"media/{number:064x}", b"") for number in range(4)]))


def test_a_small_part_that_is_large_is_refused(monkeypatch):
    monkeypatch.setattr(verifier, "MAX_SMALL", 100)
    assert "too large" in broken(package([("manifest.json", b" " * 101)]))


@pytest.mark.parametrize(
    "manifest",
    [
        b"",
        b"[]",
        b"{}",
        b"null",
        b'{"a":1,"a":1}',
        b'{"a": 1}',
        b"[" * 100_000,
        b"\xff",
        b'{"a":NaN}',
        b'{"a":"\\ud800"}',
    ],
)
def test_a_manifest_that_is_none_is_refused(manifest):
    assert broken(package([("manifest.json", manifest), ("manifest.sig", b"x")]))


def test_too_many_keys_are_refused():
    key = ServerKey.generate()
    body = {"format": "merestone-package", "server_keys": [key.public_jwk] * 17, "version": 1}
    data = json.dumps(body, sort_keys=True, separators=(",", ":")).encode()
    signature = key.sign_manifest(data).encode()
    assert "Too many server keys" in broken(package([("manifest.json", data), ("manifest.sig", signature)]))


@given(st.binary(max_size=400))
def test_bytes_that_are_no_zip_are_refused(data):
    assert broken(data)


def test_every_code_is_documented():
    """Machines branch on them: each stands in docs/protocol.md, and nothing there is made up."""
    tree = ast.parse(Path(verifier.__file__).read_text("utf-8"))
    calls = [each for each in ast.walk(tree) if isinstance(each, ast.Call) and each.args]
    used = {
        each.args[0].value
        for each in calls
        if isinstance(each.args[0], ast.Constant)
        and (getattr(each.func, "id", "") in {"Broken", "Line"} or getattr(each.func, "attr", "") in TELLING)
    }
    protocol = (Path(__file__).parents[2] / "docs" / "protocol.md").read_text("utf-8")
    section = protocol[protocol.index("#### Codes of a verdict") :]
    documented = set(re.findall(r"`([a-z]+\.[a-z0-9-]+)`", section[: section.index("\n### ")]))
    assert len(used) > 60
    assert used == documented


def test_a_machine_is_told_on_the_command_line(tmp_path, capsys):
    (tmp_path / "bad.zip").write_bytes(b"no zip")
    assert verifier.main([str(tmp_path / "bad.zip"), "--json"]) == 1
    verdict = json.loads(capsys.readouterr().out)
    assert verdict["verdict"] == "does-not-hold"
    assert [each["code"] for each in verdict["broken"]] == ["file.unreadable"]


def test_a_file_that_is_not_there_is_told(tmp_path, capsys):
    assert verifier.main([str(tmp_path / "none.zip")]) == 1
    assert "FileNotFoundError" in capsys.readouterr().out
