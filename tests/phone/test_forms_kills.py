"""A phone that dies while a record is filled in: what it called saved is there."""

import random

from tests.phone.kills import Phone, one_kill


def test_what_the_phone_called_saved_survives_its_browser_being_killed(bureau, tmp_path, playwright):
    phone = Phone(playwright, bureau, tmp_path / "profile")
    phone.begins()
    chance = random.Random(36)

    seen = [one_kill(phone, chance) for _ in range(2)]

    assert any(each.head or each.staff for each in seen)
