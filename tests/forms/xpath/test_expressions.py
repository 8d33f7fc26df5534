"""What expressions give: XPath 1.0 and the ODK functions, as the phone's engine has them."""

import pytest

from forms.xpath import FUNCTIONS, EvaluationError, ExpressionError, ListMissingError, compile_expression

TEXTS = [
    # numbers and how they are written
    ("1.50", "1.5"),
    ("10 div 4", "2.5"),
    ("1 div 3", "0.3333333333333333"),
    ("0.1 + 0.2", "0.30000000000000004"),
    ("1 div 0", "Infinity"),
    ("-1 div 0", "-Infinity"),
    ("0 div 0", ""),
    ("-7 mod 3", "-1"),
    ("7 mod -3", "1"),
    ("7 mod 0", ""),
    ("100000 * 100000", "10000000000"),
    ("1 div 10000000", "1e-7"),
    ("pow(10, 21)", "1e+21"),
    ("--5", "5"),
    ("2 + 3 * 4", "14"),
    ("(2 + 3) * 4", "20"),
    ("10 - 2 - 3", "5"),
    # blanks are no numbers
    ("/data/blank + 1", ""),
    ("number(/data/blank)", ""),
    ("number('abc')", ""),
    ("number(' 7 ')", "7"),
    ("number('0x10')", "16"),
    ("number(true())", "1"),
    ("/data/count * 2", "10"),
    # rounding
    ("round(2.5)", "3"),
    ("round(-2.5)", "-3"),
    ("round(2.345, 2)", "2.35"),
    ("round(1234, -2)", "1200"),
    ("int(2.9)", "2"),
    ("int(-2.9)", "-2"),
    ("floor(-2.1)", "-3"),
    ("ceiling(2.1)", "3"),
    ("abs(-4)", "4"),
    ("sqrt(-1)", ""),
    ("pow(2, 10)", "1024"),
    ("round(pi(), 4)", "3.1416"),
    # texts
    ("concat('a', 1, true(), /data/count)", "a1true5"),
    ("concat(/data/rows/no)", "J1J2J3J1"),
    ("join(',', /data/rows/no)", "J1,J2,J3,J1"),
    ("join('-', 'a', 'b')", "a-b"),
    ("substring('hello', 2, 3)", "ell"),
    ("substring('hello', 0, 3)", "he"),
    ("substring('hello', 1.5, 2.6)", "ell"),
    ("substring('hello', 2)", "ello"),
    ("substr('hello', 1, 3)", "el"),
    ("substr('hello', -3)", "llo"),
    ("substring-before('2026-09', '-')", "2026"),
    ("substring-after('2026-09', '-')", "09"),
    ("substring-before('abc', 'x')", ""),
    ("translate('--a-b', 'ab-', 'AB')", "AB"),
    ("normalize-space('  a   b ')", "a b"),
    ("string-length('界桩')", "2"),
    ("string-length('😀')", "2"),
    ("coalesce(/data/blank, 'x')", "x"),
    ("coalesce(/data/name, 'x')", "青龙坪石灰岩矿"),
    ("if(/data/count > 3, 'many', 'few')", "many"),
    ("if(/data/blank = '', /data/count, 0)", "5"),
    ("digest('abc', 'SHA-256', 'hex')", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    ("digest('abc', 'MD5')", "kAFQmDzST7DWlj99KOF/cg=="),
    ("base64-decode('55+z')", "石"),
    ("base64-decode('!')", ""),
    ("once('new')", "5"),
    ("string(/data/count)", "5"),
    ("local-name(/data/count)", "count"),
    # choices
    ("selected-at(/data/several, 1)", "section"),
    ("selected-at(/data/several, 9)", ""),
    ("count-selected(/data/several)", "3"),
    ("count-selected(/data/blank)", "0"),
    # dates
    ("today()", "2026-09-14"),
    ("now()", "2026-09-14T11:40:05.250+08:00"),
    ("date(today() + 30)", "2026-10-14"),
    ("date('2026-2-3')", "2026-02-03"),
    ("date('')", ""),
    ("date('soon')", "Invalid Date"),
    ("format-date(/data/day, '%Y年%n月%e日')", "2026年9月10日"),
    ("format-date(/data/day, '%y%m%d %a %b')", "260910 Thu Sep"),
    ("format-date(/data/day, '%H')", "%H"),
    ("format-date-time(/data/moment, '%Y-%m-%d %H:%M:%S.%3')", "2026-09-14 09:05:00.000"),
    ("format-date(/data/blank, '%Y')", ""),
    ("decimal-time('12:00:00.000+08:00')", "0.5"),
    ("round(decimal-date-time('1970-01-02T00:00:00.000Z'), 3)", "1"),
    ("today() - date('2026-09-10')", "4"),
    ("int((decimal-date-time(now()) - decimal-date-time(/data/moment)) * 24 * 60)", "155"),
    # nodes
    ("count(/data/rows)", "4"),
    ("count(/data/rows[metres = ''])", "1"),
    ("count-non-empty(/data/rows/metres)", "3"),
    ("sum(/data/rows/metres)", ""),
    ("sum(/data/rows[metres != '']/metres)", "15.75"),
    ("max(/data/rows[metres != '']/metres)", "12"),
    ("min(/data/rows[metres != '']/metres)", "0.25"),
    ("max(/data/rows/metres)", ""),
    ("max(3, 9, /data/count)", "9"),
    ("max(/data/nothing)", ""),
    ("count(/data/nothing)", "0"),
    ("/data/nothing", ""),
    ("/data/rows[2]/no", "J2"),
    ("/data/rows[last()]/no", "J1"),
    ("(/data/rows/no)[3]", "J3"),
    ("/data/rows[position() > 1][1]/no", "J2"),
    ("indexed-repeat(/data/rows/no, /data/rows, 3)", "J3"),
    ("count(//no)", "4"),
    ("count(/data/*)", "12"),
    ("count(/data/rows/no | /data/rows/no)", "4"),
    # lists
    ("pulldata('counties', 'label', 'name', /data/county)", "阳城县"),
    ("pulldata('counties', 'label', 'name', 'none')", ""),
    ("pulldata('counties', 'none', 'name', 'yc')", ""),
    ("instance('counties')/root/item[name = /data/county]/label", "阳城县"),
    ("count(instance('counties')/root/item[city = 'jc'])", "2"),
    ("count(instance('counties')/root/item[city = 'jc' and population > 30])", "1"),
    ("count(instance('counties')/root/item)", "3"),
    ("sum(instance('counties')/root/item/population)", "68"),
    ("instance('counties')/root/item[city = 'jc'][2]/name", "qs"),
    ("instance('counties')/root/item[2]/name", "qs"),
    # places
    ("distance('35 112 0 0; 35 112.001 0 0')", "91.19"),
    ("distance(/data/here, '35.4866 112.4148')", "9.06"),
    ("area('35 112;35 112.001;35.001 112.001;35.001 112')", "10150.78"),
    ("geofence('35.0005 112.0005', '35 112;35 112.001;35.001 112.001;35.001 112;35 112')", "true"),
    ("geofence('35.0005 112.0015', '35 112;35 112.001;35.001 112.001;35.001 112;35 112')", "false"),
]


@pytest.mark.parametrize(("expression", "expected"), TEXTS)
def test_an_expression_gives_the_text_that_the_phone_gives(instance, expression, expected):
    assert instance.text(expression) == expected


TRUTHS = [
    ("/data/count = 5", True),
    ("/data/count = '5'", True),
    ("/data/count = '05'", False),
    ("/data/count != 5", False),
    ("/data/blank = ''", True),
    ("/data/nothing = ''", False),
    ("/data/nothing != ''", False),
    ("/data/blank > 0", False),
    ("/data/blank < 0", False),
    ("/data/blank != 5", True),
    ("/data/rows/metres > 10", True),
    ("10 < /data/rows/metres", True),
    ("/data/rows/no = 'J3'", True),
    ("/data/rows/no != 'J3'", True),
    ("not(/data/rows/no = 'J9')", True),
    ("/data/rows/metres = /data/count", False),
    ("true() = 'x'", True),
    ("true() = ''", False),
    ("/data/rows = true()", True),
    ("/data/nothing = false()", True),
    ("/data/day <= today()", True),
    ("/data/day > today()", False),
    ("/data/moment <= now()", True),
    ("'2026-09-15' > today()", True),
    ("date(/data/day) + 4 = today()", True),
    ("selected(/data/several, 'plan')", True),
    ("selected(/data/several, 'pla')", False),
    ("selected(/data/blank, 'plan')", False),
    ("contains(/data/name, '石灰岩')", True),
    ("starts-with(/data/name, '青龙')", True),
    ("ends-with(/data/name, '矿')", True),
    ("regex(/data/count, '^[0-9]+$')", True),
    ("regex('a1', '[0-9]')", True),
    ("regex('13812345678', '^[0-9+ -]{5,20}$')", True),
    ("regex(/data/name, concat('^', /data/county))", False),
    ("boolean-from-string('true')", True),
    ("boolean-from-string('yes')", False),
    ("checklist(1, 2, true(), /data/blank != '', true())", True),
    ("checklist(3, -1, true(), true())", False),
    ("weighted-checklist(3, -1, true(), 2, true(), 1)", True),
    ("1 = 1 and 2 = 2 or 1 = 2", True),
    ("1 = 2 and 2 = 2 or 1 = 2", False),
    ("1 < 2 = true()", True),
    ("not(1 = 1)", False),
    ("boolean(0)", False),
    ("boolean('0')", True),
    ("boolean(/data/blank)", True),
    ("boolean(/data/nothing)", False),
]


@pytest.mark.parametrize(("expression", "expected"), TRUTHS)
def test_a_comparison_holds_where_it_holds_on_the_phone(instance, expression, expected):
    assert instance.value(expression) is expected


IN_ROWS = [
    ("count(../../rows[no = current()/.]) <= 1", "rows[1]/no", "false"),
    ("count(../../rows[no = current()/.]) <= 1", "rows[2]/no", "true"),
    ("count(../../rows[no = current()/../no])", "rows[4]/metres", "2"),
    ("position(..)", "rows[3]/no", "3"),
    ("../metres", "rows[3]/no", "0.25"),
    (". = 'J2'", "rows[2]/no", "true"),
    ("../preceding-sibling::rows[1]/no", "rows[3]/no", "J2"),
    ("count(../following-sibling::rows)", "rows[3]/no", "1"),
    ("ancestor::data/count", "rows[3]/no", "5"),
    ("indexed-repeat(/data/rows/metres, /data/rows, position(..) - 2)", "rows[3]/no", "3.5"),
    ("current()/../../count", "rows[1]/metres", "5"),
    ("../../rows[metres > current()/../metres]/no", "rows[1]/no", "J1"),
]


@pytest.mark.parametrize(("expression", "at", "expected"), IN_ROWS)
def test_inside_a_repeat_paths_lead_from_the_row(instance, expression, at, expected):
    assert instance.text(expression, at) == expected
    instance.environment.settled = True
    assert instance.text(expression, at) == expected, "the same by the index of the repeat"


@pytest.mark.parametrize(
    ("expression", "code", "offset"),
    [
        ("1 +", "xpath.syntax", 3),
        ("(1", "xpath.syntax", 2),
        ("/data/count = = 5", "xpath.syntax", 14),
        ("a b", "xpath.syntax", 2),
        ("'open", "xpath.syntax", 0),
        ("foo(1)", "xpath.unknown-function", 0),
        ("1 + selected('a')", "xpath.arity", 4),
        ("today(1)", "xpath.arity", 0),
        ("regex(., '(?=a)')", "xpath.regex", 0),
        ("regex(., '(a)\\1')", "xpath.regex", 0),
        ("jr:choice-name(., '/data/none')", "xpath.absent-path", 0),
        ("/data/count[", "xpath.syntax", 12),
        ("$variable", "xpath.syntax", 0),
        ("sideways::a", "xpath.syntax", 0),
        ("(" * 100 + "1" + ")" * 100, "xpath.too-deep", None),
        ("1" + " + 1" * 6000, "xpath.too-long", None),
        ("1" + "+1" * 5000, "xpath.too-deep", None),
        ("-" * 15000 + "1 +", "xpath.syntax", 15003),
    ],
)
def test_a_wrong_expression_says_where_and_why(instance, expression, code, offset):
    with pytest.raises(ExpressionError) as refusal:
        compile_expression(expression, instance.shapes["count"])
    assert refusal.value.code == code
    assert refusal.value.offset == offset
    assert refusal.value.message
    assert refusal.value.message_en


def test_a_list_that_nobody_gave_is_told_by_its_name(instance):
    with pytest.raises(ListMissingError, match="tasks"):
        instance.value("pulldata('tasks', 'a', 'b', 'c')")


@pytest.mark.parametrize(
    "expression",
    [
        "distance('x')",
        "distance(/data/blank, /data/here)",
        "digest('a', 'CRC')",
        "decimal-date-time(true())",
        "regex('a', concat('(', ''))",
        "jr:itext('x')",
    ],
)
def test_what_cannot_be_evaluated_says_so_in_both_languages(instance, expression):
    with pytest.raises(EvaluationError) as failure:
        instance.value(expression, "day")
    assert failure.value.message
    assert failure.value.message_en


def test_one_distance_at_one_place_is_no_distance_at_all_or_none(instance):
    # Rounding may carry the cosine of an angle of nothing beyond 1; the phone's engine finds NaN there.
    assert instance.text("distance(/data/here, /data/here)") in ("0", "")


def test_what_chance_gives_is_different_each_time(instance):
    assert instance.text("uuid()") != instance.text("uuid()")
    assert 0 <= instance.value("random()") < 1


def test_every_function_is_tried_in_this_file():
    tried = " ".join(
        [text for text, _ in TEXTS]
        + [text for text, _ in TRUTHS]
        + [text for text, _, _ in IN_ROWS]
        + ["uuid( random( jr:itext( jr:choice-name("]
    )
    seldom = {"randomize", "id", "name", "date-time", "instance", "false", "current"}
    plain = {"sin", "cos", "tan", "asin", "acos", "atan", "atan2", "exp", "exp10", "log", "log10"}
    assert {name for name in FUNCTIONS if f"{name}(" not in tried} <= seldom | plain


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("round(sin(pi() div 2), 6)", "1"),
        ("round(cos(0), 6)", "1"),
        ("round(tan(0), 6)", "0"),
        ("round(asin(1) * 2 - pi(), 6)", "0"),
        ("acos(2)", ""),
        ("round(atan(1) * 4 - pi(), 6)", "0"),
        ("round(atan2(1, 1) * 4 - pi(), 6)", "0"),
        ("round(exp(1), 4)", "2.7183"),
        ("exp10(3)", "1000"),
        ("log(1)", "0"),
        ("log(0)", ""),
        ("log10(1000)", "3"),
        ("exp(1000)", ""),
        ("count(randomize(/data/rows))", "4"),
        ("count(id('x'))", "0"),
        ("name(..)", "data"),
        ("date-time('2026-09-14T09:05:00.000+08:00')", "2026-09-14T09:05:00.000+08:00"),
    ],
)
def test_the_seldom_used_functions_work_as_well(instance, expression, expected):
    assert instance.text(expression) == expected
