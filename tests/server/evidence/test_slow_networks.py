"""What bad networks do to a video and to many records, in small; `make bench-slow` tells it at full size."""

import pytest

from tests.bench.slow import carry_a_video, carry_many_records
from tests.server.evidence.mobile_network import EDGE_OF_COVERAGE, THIRD_GENERATION
from tests.server.evidence.serving import installed


# One database each: what differs between the two databases is not told by slow networks.
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_video_arrives_over_fifty_broken_lines_two_restarts_of_the_server_and_one_of_the_phone(
    database, tmp_path
):
    with installed(database, tmp_path) as app:
        told = carry_a_video(app, 12_000_000, EDGE_OF_COVERAGE.faster(60))

    assert (told["broken_lines"], told["server_restarts"], told["phone_restarts"]) == (50, 2, 1)
    assert told["percent_sent_again"] <= 3


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
def test_records_can_be_reviewed_while_their_photos_are_still_on_a_slow_line_and_none_is_lost(
    database, tmp_path
):
    with installed(database, tmp_path) as app:
        told = carry_many_records(app, 10, 3 + 1, 20_000, THIRD_GENERATION.faster(10), cuts=5)

    assert (told["records"], told["files"], told["broken_lines"]) == (10, 40, 5)
