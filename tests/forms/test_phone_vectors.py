"""The phone judges positions by the server's own numbers; `web/phone/tests/positions.test.ts` holds it to them."""

from tests.forms.phone_vectors import FILE, text


def test_what_the_phone_is_held_to_is_what_the_server_says():
    assert FILE.read_text(encoding="utf-8") == text(), "run `python -m tests.forms.phone_vectors`"
