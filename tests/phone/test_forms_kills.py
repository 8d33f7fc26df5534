"""A phone that dies while a record is filled in: what it called saved is there."""

import random

from tests.phone.kills import Phone, one_kill

MOST_KILLS = 10


def test_what_the_phone_called_saved_survives_its_browser_being_killed(bureau, tmp_path, playwright):
    phone = Phone(playwright, bureau, tmp_path / "profile")
    phone.begins()
    chance = random.Random(36)

    seen = [one_kill(phone, chance) for _ in range(2)]

    # On a busy machine a phone may die before it called anything saved, which proves nothing: then it dies once more.
    while not any(each.head or each.staff for each in seen):
        assert len(seen) < MOST_KILLS, "nothing was ever called saved"
        seen.append(one_kill(phone, chance))
