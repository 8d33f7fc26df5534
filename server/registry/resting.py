"""What rests on the entries of a library: rows of other tables that refer to them, and what such a row is called.

Which tables refer to what the tables themselves say: by foreign keys, and by `info` where ids stand in JSON.
"""

from collections.abc import Collection, Iterator
from functools import cache
from typing import Any, Final

from sqlalchemy import JSON, Column, literal, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from server.db import NAMES, Base

Words = tuple[str, str]

ELSE: Final = ("其他数据", "something else")
_NAMES: Final[dict[str, Words]] = {
    "assignment": ("任务", "a task"),
    "ceremony": ("抽取", "the draw"),
    "document": ("文书", "a document"),
    "drawn_visit": ("抽取结果中的任务", "the drawn visit"),
    "item_claim": ("事项认领", "a claim"),
    "key_listing": ("重点检查名单", "the key library"),
    "lending": ("借调", "a lending"),
    "licence": ("采矿许可证", "the licence"),
    "locked_object": ("抽取锁定", "a draw's lock"),
    "planned_inspection": ("计划任务", "the planned inspection"),
    "recusal": ("回避", "a recusal"),
    "recusal_answer": ("回避答复", "an answer about recusal"),
    "responsibility": ("部门职责", "the responsibility"),
    "sign_in_session": ("登录", "a sign-in"),
    "task": ("任务", "the task"),
    "task_section": ("联合检查任务", "a joint visit"),
}
_CALLED: Final = ("number", "task_no", "licence_no", "name")


def resting_on(
    session: Session, key: InstrumentedAttribute[Any], own: frozenset[str], subjects: Collection[str]
) -> dict[str, Words]:
    """Say by what rows of other tables than its `own` some of the subjects with this key are held."""
    kind = key.type.python_type
    wanted = set(subjects)
    held: dict[str, Words] = {}
    for column in _references(key, own):
        called = next((column.table.c[name] for name in _CALLED if name in column.table.c), literal(""))
        query = select(column, called)
        if not isinstance(column.type, JSON):
            query = query.where(column.in_([kind(each) for each in subjects])).distinct()
        for value, name in session.execute(query):
            for each in wanted.intersection(_keys_in(value)):
                held.setdefault(each, _words(column.table.name, name))
    return held


@cache
def _references(key: InstrumentedAttribute[Any], own: frozenset[str]) -> tuple[Column[Any], ...]:
    """Find the columns of other tables that refer to a key."""
    referred = key.property.columns[0]
    return tuple(
        column
        for table in Base.metadata.tables.values()
        if table.name not in own
        for column in table.columns
        if referred.table.name in column.info.get(NAMES, ())
        or any(each.column is referred for each in column.foreign_keys)
    )


def _keys_in(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        value = list(value.values())
    yield from map(str, value if isinstance(value, list) else [value])


def _words(table: str, name: str | None) -> Words:
    chinese, english = _NAMES.get(table, ELSE)
    return f"{chinese} {name or ''}".rstrip(), f"{english} {name or ''}".rstrip()
