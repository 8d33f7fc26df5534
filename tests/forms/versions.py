"""Two versions of one form, written short: what changes between them is what the tests are about."""

from functools import cache

from forms import Form, compile_xlsform, load_form

HEADER = (
    "| | type | name | label::中文 (zh) | label::English (en) | required | relevant | constraint "
    "| calculation | default | choice_filter | bind::alias |"
)
CHOICES = """
| choices |
| | list_name | name | label::中文 (zh) | label::English (en) | group |
{choices}
"""
SETTINGS = """
| settings |
| | form_title | form_id | version | default_language |
| | {title} | visit | {version} | 中文 (zh) |
"""
COLUMNS = ("required", "relevant", "constraint", "calculation", "default", "choice_filter", "alias")
STATES = {"intact": ("完好", "Intact"), "broken": ("破损", "Broken"), "missing": ("缺失", "Missing")}


def row(kind, name="", label="", **more):
    """One row of a survey; `label` is "中文 / English"."""
    zh, _, en = label.partition(" / ")
    cells = [kind, name, zh, en or zh, *(more.get(column, "") for column in COLUMNS)]
    return "| | " + " | ".join(cells) + " |"


def group(name, label, *rows, kind="group", **more):
    return [row(f"begin_{kind}", name, label, **more), *flattened(rows), row(f"end_{kind}")]


def repeat(name, label, *rows, **more):
    return group(name, label, *rows, kind="repeat", **more)


def flattened(rows):
    for each in rows:
        if isinstance(each, str):
            yield each
        else:
            yield from flattened(each)


def version(*rows, number="1", title="检查 / Visit", states=STATES) -> Form:
    choices = [f"| | state | {name} | {zh} | {en} | a |" for name, (zh, en) in states.items()]
    return _load("\n".join(flattened(rows)), number, title, "\n".join(choices))


@cache
def _load(rows, number, title, choices) -> Form:
    source = f"| survey |\n{HEADER}\n{rows}\n" + CHOICES.format(choices=choices)
    source += SETTINGS.format(title=title, version=number)
    return load_form(compile_xlsform(source.encode(), ".md").xform)
