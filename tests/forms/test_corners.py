"""Corner points as people paste them: read right, and every correction told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms.geodesy import Corner, Ring, Severity, format_corners, parse_corners, to_geographic

SQUARE = [
    (3929498.94, 37628380.47),
    (3929498.94, 37629380.47),
    (3928498.94, 37629380.47),
    (3928498.94, 37628380.47),
]
LICENCE = "；".join(f"{n}，{x:.2f}，{y:.2f}" for n, (x, y) in enumerate(SQUARE, 1))


def rows(template: str, points=SQUARE, joiner="\n") -> str:
    return joiner.join(template.format(n=n, x=x, y=y, t=y - 37_000_000) for n, (x, y) in enumerate(points, 1))


def kinds(table, *severities):
    wanted = severities or (Severity.ERROR, Severity.WARNING, Severity.CORRECTION)
    return [finding.kind for finding in table.findings if finding.severity in wanted]


def positions(table):
    return [[(corner.x_north, corner.y_east) for corner in ring.corners] for ring in table.rings]


@pytest.mark.parametrize(
    "text",
    [
        LICENCE,
        LICENCE.replace("，", ","),
        LICENCE.replace("；", "\n"),
        LICENCE.replace("；", "；\r\n") + "；",
        LICENCE.replace("；", "。") + "。",
        LICENCE.translate(str.maketrans("0123456789.", "０１２３４５６７８９．")),
        rows("{n}\t{x:.3f}\t{y:.3f}"),
        rows("J{n} {x:.2f} {y:.2f}"),
        rows("拐点{n}、{x:.2f}、{y:.2f}"),
        rows("{x:.2f},{y:.2f}"),
        rows("{n}: X={x:.2f} Y={y:.2f}"),
        rows("X:{x:.2f} Y:{y:.2f}"),
        rows("{n},{x:.2f}米,{y:.2f}米"),
        rows("({n}) {x:.2f} {y:.2f}"),
        rows("{n} {x:.2f} {y:.2f}", joiner=" "),
        rows("{n},{x:.2f},{y:.2f}", joiner=","),
        rows("{n},{x:.2f},{y:.2f}", joiner="\n\n"),
        "点号\tX坐标\tY坐标\n" + rows("{n}\t{x:.2f}\t{y:.2f}"),
        "拐点编号 X Y\n" + rows("{n} {x:.2f} {y:.2f}"),
        "\n\n" + rows("{n},{x:.2f},{y:.2f}") + "\n\n",
        LICENCE + "*",
        "3929498。94 37628380。47\n" + rows("{x:.2f} {y:.2f}", SQUARE[1:]),
    ],
)
def test_many_ways_of_writing_give_the_same_square_without_corrections(text):
    table = parse_corners(text)
    assert kinds(table) == []
    assert positions(table) == [SQUARE]
    assert (table.epsg, table.usable) == (4525, True)


def test_names_of_points_are_kept():
    table = parse_corners(rows("拐点{n} {x:.2f} {y:.2f}"))
    assert [corner.name for corner in table.rings[0].corners] == ["拐点1", "拐点2", "拐点3", "拐点4"]


def test_thousands_separators_are_removed_and_told():
    table = parse_corners(rows("{n}, {x:,.2f}, {y:,.2f}"))
    assert positions(table) == [SQUARE]
    assert kinds(table) == ["thousands"] * 4


def test_a_repeated_first_corner_closes_the_ring():
    table = parse_corners(rows("{n},{x:.2f},{y:.2f}", [*SQUARE, SQUARE[0]]))
    assert positions(table) == [SQUARE]
    assert kinds(table) == ["closing_point_removed"]
    assert "unclosed" not in kinds(table, Severity.NOTE)


def test_an_unclosed_ring_is_noted():
    assert kinds(parse_corners(LICENCE), Severity.NOTE) == ["unclosed"]


def test_a_corner_written_twice_is_removed_and_told():
    table = parse_corners(rows("{n},{x:.2f},{y:.2f}", [*SQUARE[:2], SQUARE[1], *SQUARE[2:]]))
    assert positions(table) == [SQUARE]
    assert [(f.kind, f.row) for f in table.findings if f.severity is Severity.CORRECTION] == [
        ("repeated_point", 3)
    ]


def test_swapped_axes_are_put_right_and_told_once():
    table = parse_corners(rows("{n},{y:.2f},{x:.2f}"))
    assert positions(table) == [SQUARE]
    assert kinds(table) == ["swapped"]


def test_a_single_swapped_row_is_told_with_its_row():
    lines = rows("{n},{x:.2f},{y:.2f}").splitlines()
    lines[2] = "3,37629380.47,3928498.94"
    table = parse_corners("\n".join(lines))
    assert positions(table) == [SQUARE]
    assert [(f.kind, f.row) for f in table.findings if f.kind == "swapped"] == [("swapped", 3)]


def test_without_a_zone_number_and_without_a_hint_there_is_no_grid():
    table = parse_corners(rows("{n},{x:.2f},{t:.2f}"))
    assert (table.epsg, table.usable) == (None, False)
    assert kinds(table) == ["zone_missing"]


@pytest.mark.parametrize(
    "hint", [{"zone": 37}, {"central_meridian": 111}, {"near": (35.4866, 112.4147)}, {"near": (35.0, 111.0)}]
)
def test_a_missing_zone_number_is_completed_from_a_hint_and_told(hint):
    table = parse_corners(rows("{n},{x:.2f},{t:.2f}"), **hint)
    assert positions(table) == [SQUARE]
    assert table.epsg == 4525
    assert kinds(table) == ["zone_completed"]


def test_a_zone_number_missing_in_one_row_is_completed_from_the_others():
    lines = rows("{n},{x:.2f},{y:.2f}").splitlines()
    lines[1] = "2,3929498.94,629380.47"
    table = parse_corners("\n".join(lines))
    assert positions(table) == [SQUARE]
    assert [(f.kind, f.row) for f in table.findings if f.severity is Severity.CORRECTION] == [
        ("zone_completed", 2)
    ]


def test_six_degree_zones_are_known_by_their_number():
    table = parse_corners(LICENCE.replace("，376", "，196"))
    assert (table.epsg, table.usable) == (4497, True)
    assert "six_degree_zone" in kinds(table, Severity.NOTE)


def test_a_stated_zone_that_differs_is_a_warning():
    assert kinds(parse_corners(LICENCE, zone=38)) == ["zone_differs"]


@pytest.mark.parametrize(
    "hint", [{"zone": 24}, {"zone": 99}, {"central_meridian": 112}, {"near": (35.0, 10.0)}]
)
def test_a_hint_that_is_no_zone_is_an_error(hint):
    assert kinds(parse_corners(rows("{x:.2f},{t:.2f}"), **hint)) == ["unknown_zone"]


def test_a_zone_number_that_does_not_exist_is_an_error():
    table = parse_corners(LICENCE.replace("，376", "，246"))
    assert (kinds(table), table.usable) == (["unknown_zone"], False)


def test_two_zones_in_one_table_are_an_error():
    table = parse_corners(LICENCE.replace("2，3929498.94，37", "2，3929498.94，38"))
    assert (kinds(table), table.usable) == (["mixed_zones"], False)


def test_corners_far_outside_their_zone_are_a_warning():
    assert "outside_zone" in kinds(parse_corners(LICENCE.replace("，3762", "，3780")))


def test_corners_far_from_the_expected_place_are_a_warning():
    assert kinds(parse_corners(LICENCE, near=(40.95, 117.96))) == ["far_from_expected"]


def test_a_wrong_place_only_warns_where_the_zone_is_written():
    table = parse_corners(LICENCE, near=(35.0, 10.0))
    assert (kinds(table), table.usable) == (["far_from_expected"], True)


def test_a_blank_line_a_star_or_a_header_begins_another_ring():
    second = [(x, y + 5000) for x, y in SQUARE]
    for separator in ("\n\n", "\n*\n", "\n第二区块\n", "\n----\n", "\n第2圈：\n"):
        table = parse_corners(rows("{n},{x:.2f},{y:.2f}") + separator + rows("{n},{x:.2f},{y:.2f}", second))
        assert positions(table) == [SQUARE, second], separator
        assert (kinds(table), [ring.hole for ring in table.rings]) == ([], [False, False])


def test_an_excluded_area_is_a_hole():
    inner = [(x - 250 if x > 3929000 else x + 250, y + 250 if y < 37629000 else y - 250) for x, y in SQUARE]
    for header in ("除外：", "扣除范围", "内环"):
        table = parse_corners(LICENCE + f"\n{header}\n" + rows("{n},{x:.2f},{y:.2f}", inner))
        assert ([ring.hole for ring in table.rings], table.usable) == ([False, True], True)


def test_a_ring_inside_another_must_be_marked_by_a_person():
    inner = [(3929298.94, 37628580.47), (3929298.94, 37629080.47), (3928698.94, 37629080.47)]
    table = parse_corners(LICENCE + "\n*\n" + rows("{n},{x:.2f},{y:.2f}", inner))
    assert (kinds(table), table.usable) == (["ring_inside"], False)


def test_an_excluded_area_outside_is_an_error():
    away = [(x, y + 5000) for x, y in SQUARE]
    assert kinds(parse_corners(LICENCE + "\n除外\n" + rows("{n},{x:.2f},{y:.2f}", away))) == ["hole_outside"]


def test_overlapping_rings_are_an_error():
    shifted = [(x, y + 500) for x, y in SQUARE]
    assert kinds(parse_corners(LICENCE + "\n*\n" + rows("{n},{x:.2f},{y:.2f}", shifted))) == ["rings_overlap"]


def test_points_after_a_closed_ring_begin_another_and_are_pointed_out():
    second = [(x, y + 5000) for x, y in SQUARE]
    table = parse_corners(rows("{n},{x:.2f},{y:.2f}", [*SQUARE, SQUARE[0], *second]))
    assert positions(table) == [SQUARE, second]
    assert "ring_split" in kinds(table)


def test_a_ring_that_crosses_itself_is_an_error():
    bow = [SQUARE[0], SQUARE[2], SQUARE[1], SQUARE[3]]
    table = parse_corners(rows("{n},{x:.2f},{y:.2f}", bow))
    assert (kinds(table), table.usable) == (["self_intersection"], False)


def test_two_corners_are_too_few():
    assert kinds(parse_corners(rows("{n},{x:.2f},{y:.2f}", SQUARE[:2]))) == ["too_few_points"]


def test_half_a_row_is_an_error_and_never_joined_with_the_next():
    lines = rows("{n},{x:.2f},{y:.2f}").splitlines()
    lines[1] = "2,3929498.94"
    table = parse_corners("\n".join(lines))
    assert [(f.kind, f.row) for f in table.findings if f.severity is Severity.ERROR] == [("incomplete", 2)]


def test_a_letter_within_a_number_is_an_error():
    assert "incomplete" in kinds(
        parse_corners(LICENCE.replace("2，3929498.94，37629380", "2，3929498.94，3762938O"))
    )


def test_the_elevation_range_below_the_table_is_noted_not_read():
    table = parse_corners(LICENCE + "\n开采标高：由+850米至+620米标高")
    assert (positions(table), table.usable) == ([SQUARE], True)
    assert "ignored" in kinds(table, Severity.NOTE)


def test_words_nobody_understands_are_pointed_out():
    assert kinds(parse_corners("此处为说明文字！\n" + LICENCE)) == ["unreadable"]


@pytest.mark.parametrize("text", ["", "   \n", "点号 X Y", "1,135.4866,12.4;2,60.1234"])
def test_text_without_corners_is_an_error(text):
    table = parse_corners(text)
    assert "no_corners" in kinds(table)
    assert not table.usable


def test_coordinates_outside_china_are_an_error():
    assert kinds(parse_corners("1,9929498.94,37628380.47")) == ["out_of_range"]


def test_endless_text_is_refused_without_reading_it():
    assert kinds(parse_corners("1" * 200_001)) == ["too_long"]
    assert "too_many_points" in kinds(parse_corners("3929498 37628380\n" * 5_001))


def test_findings_are_bilingual_and_readable_as_json():
    data = parse_corners(rows("{n},{x:.2f},{t:.2f}")).as_json()
    (missing,) = [finding for finding in data["findings"] if finding["kind"] == "zone_missing"]
    assert "带号" in missing["message"]
    assert "zone" in missing["message_en"]
    assert missing["severity"] == "error"


names = st.from_regex(r"(J|拐点|K-)?[1-9][0-9]{0,2}", fullmatch=True) | st.just("")


@st.composite
def corner_rings(draw):
    """One to three star-shaped rings, far enough apart not to touch, in a 3° or 6° zone."""
    zone = draw(st.sampled_from([13, 23, 25, 37, 45]))
    rings = []
    for number in range(draw(st.integers(1, 3))):
        north = 3_000_000 + 20_000 * number + draw(st.integers(0, 1000))
        east = zone * 1_000_000 + 500_000 + draw(st.integers(-1000, 1000))
        directions = [(1, 0), (1, 1), (0, 1), (-1, 1), (-1, 0), (-1, -1), (0, -1), (1, -1)]
        lengths = draw(st.lists(st.integers(500_000, 4_000_000), min_size=8, max_size=8))
        corners = [
            Corner(draw(names), round(north + dx * length / 1000, 3), round(east + dy * length / 1000, 3))
            for (dx, dy), length in zip(directions, lengths, strict=True)
        ]
        rings.append(Ring(tuple(corners)))
    return tuple(rings)


@given(corner_rings())
def test_what_is_written_is_read_back_the_same(rings):
    table = parse_corners(format_corners(rings))
    assert table.rings == rings
    assert table.usable
    assert kinds(table) == []


@given(st.text(alphabet="0123456789.,，；;、*\n\t JX=除外第一圈拐点 +-", max_size=400))
def test_any_text_ends_in_a_table_with_findings(text):
    table = parse_corners(text)
    assert table.findings


DEGREES = [to_geographic(x, y, 4525) for x, y in SQUARE]


def minutes(degrees: float) -> str:
    whole, rest = divmod(degrees, 1)
    full, rest = divmod(rest * 60, 1)
    return f"{whole:.0f}°{full:.0f}′{rest * 60:.5f}″"


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(f"{n},{lon:.9f},{lat:.9f}" for n, (lat, lon) in enumerate(DEGREES, 1)),
        "；".join(f"{n}，{lat:.9f}，{lon:.9f}" for n, (lat, lon) in enumerate(DEGREES, 1)),
        "点号\t经度\t纬度\n"
        + "\n".join(f"J{n}\t{lon:.9f}°\t{lat:.9f}°" for n, (lat, lon) in enumerate(DEGREES, 1)),
        "\n".join(f"{n} {minutes(lat)}N {minutes(lon)}E" for n, (lat, lon) in enumerate(DEGREES, 1)),
    ],
)
def test_longitudes_and_latitudes_in_either_order_are_the_same_square_and_that_is_told(text):
    table = parse_corners(text)

    assert (table.epsg, table.usable, kinds(table)) == (4525, True, [])
    assert [finding.row for finding in table.findings if finding.kind == "degrees"] == [None]
    for (x, y), (was_x, was_y) in zip(positions(table)[0], SQUARE, strict=True):
        assert (x, y) == (pytest.approx(was_x, abs=0.001), pytest.approx(was_y, abs=0.001))


def test_degrees_are_put_into_the_zone_that_was_stated_and_rows_that_lack_one_are_told():
    (lat, lon), second, third, _ = DEGREES
    rest = "\n".join(f"{n},{b:.9f},{a:.9f}" for n, (a, b) in ((3, second), (4, third)))
    table = parse_corners(f"1,{lon:.9f},{lat:.9f}\n2,112.414712345\n{rest}\n5,112.4147,35.4866", zone=38)

    assert table.epsg == 4526
    assert [
        (finding.kind, finding.row)
        for finding in table.findings
        if finding.row and finding.kind != "unclosed"
    ] == [
        ("incomplete", 2),
        ("coarse", 5),
    ]
