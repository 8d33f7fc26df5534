"""Device keys, server keys, and the vectors that other implementations check themselves against."""

import base64
import json
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from hypothesis import given
from hypothesis import strategies as st

from sync import (
    BadKey,
    Beacon,
    Receipt,
    ServerKey,
    attestation_bytes,
    key_id,
    public_jwk,
    read_beacon,
    read_public_jwk,
    read_revision,
    revision_id,
    sign,
    verify,
    verify_receipt,
)
from tests.sync.sync_makers import KEY, MORNING, REV, json_values

JWK = public_jwk(KEY)
SERVER = ServerKey.generate()
RECEIPT = Receipt("01EPOCH", "op-1", REV, REV, "accepted", 81235, "ff" * 32, MORNING)
VECTORS = json.loads(Path(__file__).with_name("vectors.json").read_text("utf-8"))


@given(st.binary(max_size=300))
def test_a_signature_holds_for_what_was_signed(data):
    assert verify(JWK, data, sign(KEY, data))


@given(st.binary(min_size=1, max_size=60), st.data())
def test_a_flipped_bit_anywhere_breaks_the_signature(data, draw):
    signature = base64.b64decode(sign(KEY, data))
    bit = draw.draw(st.integers(0, 8 * (len(data) + 64) - 1))
    both = bytearray(data + signature)
    both[bit // 8] ^= 1 << bit % 8
    assert not verify(JWK, bytes(both[: len(data)]), base64.b64encode(both[len(data) :]).decode())


@given(st.text(max_size=120))
def test_a_garbage_signature_is_a_no(text):
    assert verify(JWK, b"data", text) is False


@pytest.mark.parametrize("raw", [b"", b"\0" * 64, b"\xff" * 64, b"\1" * 63, b"\1" * 65])
def test_numbers_outside_the_curve_are_a_no(raw):
    assert verify(JWK, b"data", base64.b64encode(raw).decode()) is False


def test_a_signature_has_one_spelling():
    signature = sign(KEY, b"data")
    following = {"A": "B", "Q": "R", "g": "h", "w": "x"}[signature[85]]
    other = signature[:85] + following + signature[86:]
    assert base64.b64decode(other) == base64.b64decode(signature)
    assert not verify(JWK, b"data", other)


def test_another_key_did_not_sign_it():
    assert not verify(SERVER.public_jwk, b"data", sign(KEY, b"data"))


def test_a_raw_signature_without_the_prefix_does_not_hold():
    der = KEY.sign(b"data", ec.ECDSA(SHA256()))
    r, s = decode_dss_signature(der)
    raw = base64.b64encode(r.to_bytes(32, "big") + s.to_bytes(32, "big")).decode()
    assert not verify(JWK, b"data", raw)


@given(json_values)
def test_a_garbage_key_is_refused_by_name_and_verifies_nothing(value):
    with pytest.raises(BadKey):
        read_public_jwk(value)
    if isinstance(value, dict):
        assert not verify(value, b"data", sign(KEY, b"data"))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"d": "AAAA"}, "key.private"),
        ({"kty": "RSA"}, "key.kind-unknown"),
        ({"crv": "P-384"}, "key.kind-unknown"),
        ({"x": JWK["y"], "y": JWK["x"]}, "key.not-on-curve"),
        ({"x": "AA"}, "key.malformed"),
        ({"x": JWK["x"] + "="}, "key.malformed"),
        ({"x": 12}, "key.malformed"),
        ({"x": "A" * 100_000}, "key.malformed"),
    ],
)
def test_a_strangers_key_is_refused_with_a_code(change, code):
    with pytest.raises(BadKey) as refused:
        read_public_jwk({**JWK, **change})
    assert refused.value.code == code


def test_a_key_has_one_name_whatever_else_its_jwk_says():
    assert key_id(JWK) == key_id({**JWK, "ext": True, "key_ops": ["verify"], "kid": "mine"})
    assert key_id(JWK) != key_id(SERVER.public_jwk)


def test_an_attestation_cannot_pass_for_a_revision_nor_for_another_role():
    assert attestation_bytes(REV, "witness") == b"attest\0" + REV.encode() + b"\0witness"
    signature = sign(KEY, attestation_bytes(REV, "witness"))
    assert not verify(JWK, attestation_bytes(REV, "co_inspector"), signature)
    for rev, role in [("sha256:ab", "witness"), (REV, "Witness"), (REV, "a\0b"), (REV, "")]:
        with pytest.raises(ValueError):
            attestation_bytes(rev, role)


def test_a_receipt_reads_back_only_under_the_key_that_signed_it():
    token = SERVER.sign_receipt(RECEIPT)
    assert verify_receipt(SERVER.public_jwk, token) == {
        "epoch": "01EPOCH",
        "op": "op-1",
        "content": REV,
        "rev": REV,
        "outcome": "accepted",
        "seq": 81235,
        "hash": "ff" * 32,
        "at": "2026-11-20T01:02:03.456000Z",
    }
    assert verify_receipt(JWK, token) is None


@given(st.data())
def test_a_receipt_changed_in_any_character_is_none(draw):
    token = SERVER.sign_receipt(RECEIPT)
    place = draw.draw(st.integers(0, len(token) - 1))
    letter = draw.draw(st.sampled_from("AZaz09-_.=界").filter(lambda one: one != token[place]))
    assert verify_receipt(SERVER.public_jwk, token[:place] + letter + token[place + 1 :]) is None


@given(st.text(max_size=80))
def test_a_garbage_token_is_none(text):
    assert verify_receipt(JWK, text) is None
    assert read_beacon(JWK, text) is None


def test_a_beacon_tells_its_moment_and_is_no_receipt():
    token = SERVER.make_beacon(MORNING, "01EPOCH")
    assert read_beacon(SERVER.public_jwk, token) == Beacon(MORNING, "01EPOCH")
    assert read_beacon(SERVER.public_jwk, SERVER.make_beacon(MORNING + timedelta(days=1))).epoch is None
    assert verify_receipt(SERVER.public_jwk, token) is None
    assert read_beacon(SERVER.public_jwk, SERVER.sign_receipt(RECEIPT)) is None


def test_a_server_key_survives_its_file():
    again = ServerKey.from_pem(SERVER.to_pem())
    assert again.key_id == SERVER.key_id
    assert verify_receipt(SERVER.public_jwk, again.sign_receipt(RECEIPT))


def pem(key, encryption=None):
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        encryption or serialization.NoEncryption(),
    )


def test_a_server_key_of_another_kind_is_refused():
    others = [
        pem(rsa.generate_private_key(65537, 2048)),
        pem(ec.generate_private_key(ec.SECP384R1())),
        pem(KEY, serialization.BestAvailableEncryption(b"secret")),
        b"not a key",
    ]
    for data in others:
        with pytest.raises(ValueError):
            ServerKey.from_pem(data)


def test_the_published_vectors_hold():
    jwk = VECTORS["device_key"]["jwk"]
    revision = VECTORS["revision"]
    data = base64.b64decode(revision["bytes"])
    assert key_id(jwk) == VECTORS["device_key"]["key_id"]
    assert revision_id(data) == revision["rev"]
    assert verify(jwk, data, revision["sig"])
    assert str(read_revision(data).record) == revision["record"]

    attestation = VECTORS["attestation"]
    message = attestation_bytes(attestation["rev"], attestation["role"])
    assert base64.b64encode(message).decode() == attestation["bytes"]
    assert verify(jwk, message, attestation["sig"])

    server = VECTORS["server_key"]["jwk"]
    assert verify_receipt(server, VECTORS["receipt"]["token"]) == VECTORS["receipt"]["body"]
    assert read_beacon(server, VECTORS["beacon"]["token"]).at.isoformat() == VECTORS["beacon"]["at"]


def test_the_vectors_of_what_must_not_hold_do_not():
    jwk = VECTORS["device_key"]["jwk"]
    data = base64.b64decode(VECTORS["revision"]["bytes"])
    for why, signature in VECTORS["bad_signatures"].items():
        assert not verify(jwk, data, signature), why
