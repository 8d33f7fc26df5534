"""Whatever is planted in a record, a reviewer is shown it; and next to nothing is asked about honest ones."""

from tests.defects.kinds import DEFECTS
from tests.defects.planting import hand_in, packed, reviewed, rounds
from tests.phone.bureau import running_bureau


def test_every_kind_of_planted_defect_is_shown_to_the_reviewer_and_nothing_else_is_asked(database, tmp_path):
    plan = packed()
    with running_bureau(database.fresh_url(tmp_path), tmp_path, None) as bureau:
        [made] = hand_in(bureau, rounds(plan, len(plan) + 2))
        reviewed(bureau, made)

    holding = [each for each in made if each.defects]
    assert sum(len(each.defects) for each in holding) == len(DEFECTS) >= 30
    assert {str(each.record): each.missed() for each in holding if each.missed()} == {}
    honest = [each for each in made if not each.defects]
    of_others = {"photo.same-bytes", "photo.alike", "visit.overlaps", "visit.too-fast", "answers.copied"}
    assert len(honest) == 2
    assert all(set(each.questions) <= of_others for each in honest), [each.questions for each in honest]
