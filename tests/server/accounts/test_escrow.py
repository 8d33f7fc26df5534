"""The organisation's key: a forgotten PIN loses nothing, and nobody else's data key is opened."""

import base64
from uuid import uuid4

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from server import audit
from server.access import Role
from server.cli import main
from sync import EscrowKey, NotOpened

SECRET = bytes(range(32))


def sealed_for(escrow, person, device):
    return base64.b64encode(escrow.wrap(SECRET, person, device)).decode()


def test_who_forgot_the_pin_signs_in_and_gets_the_data_key_of_that_phone_back(app, cast):
    inspector, device = cast.person(Role.INSPECTOR), str(uuid4())
    first = inspector.sign_in(device={"id": device, "name": "测试机"})
    person, escrow = first["user"]["id"], app.installation.escrow
    assert first["escrow_key"] == escrow.public_jwk
    assert first["limits"]["lease_hours"] == 72
    assert "data_key" not in first

    def brought(sealed_key, on=device):
        claim = {"id": on, "name": "测试机", "sealed_key": sealed_key}
        return inspector.sign_in(device=claim).get("data_key")

    assert brought(sealed_for(escrow, person, device)) == base64.b64encode(SECRET).decode()
    assert brought(sealed_for(escrow, person, device), on=str(uuid4())) is None
    assert brought(sealed_for(escrow, str(uuid4()), device)) is None
    assert brought(sealed_for(EscrowKey.generate(), person, device)) is None
    assert brought("no base64 at all") is None


def test_an_opened_data_key_is_in_the_audit_log_and_is_not_itself_there(app, cast, session):
    inspector, device = cast.person(Role.INSPECTOR), str(uuid4())
    person = inspector.sign_in(device={"id": device, "name": "测试机"})["user"]["id"]
    sealed = sealed_for(app.installation.escrow, person, device)

    inspector.sign_in(device={"id": device, "name": "测试机", "sealed_key": sealed})

    of_device = (
        select(audit.AuditEntry).where(audit.AuditEntry.subject == device).order_by(audit.AuditEntry.seq)
    )
    entries = session.scalars(of_device).all()
    assert [entry.action for entry in entries] == ["device.enrolled", "device.data-key-opened"]
    assert base64.b64encode(SECRET).decode() not in str([entry.details for entry in entries])


def test_a_key_kept_away_from_the_server_opens_what_a_phone_shows(tmp_path):
    private, run = tmp_path / "escrow.pem", CliRunner().invoke
    made = run(main, ["escrow-key", str(private)])
    assert made.exit_code == 0
    assert private.stat().st_mode & 0o777 == 0o600
    assert run(main, ["escrow-key", str(private)]).exit_code == 1
    public = EscrowKey.from_pem(made.output.encode())
    assert public.private is None
    wrapped = sealed_for(public, "person", "device")

    opened = run(main, ["escrow-open", str(private), "person", "device", wrapped])
    refused = run(main, ["escrow-open", str(private), "person", "another", wrapped])

    assert opened.output.strip() == base64.b64encode(SECRET).decode()
    assert refused.exit_code == 1
    assert "不属于" in refused.output


@pytest.mark.parametrize("place", [0, 64, 65, 112])
def test_a_wrapped_key_that_was_changed_anywhere_is_not_opened(place):
    escrow = EscrowKey.generate()
    wrapped = bytearray(escrow.wrap(SECRET, "person", "device"))
    wrapped[place] ^= 1
    with pytest.raises(NotOpened):
        escrow.unwrap(bytes(wrapped), "person", "device")
