"""What the database does for each page: the plan of every statement, which a mended index is judged by."""

from typing import Any

from sqlalchemy import Connection, event

from tests.bench.pages import PAGES
from tests.bench.province import Province


def explain(province: Province, named: str) -> dict[str, list[str]]:
    """Tell the plan of every statement on the way to each page that is called so."""
    plans: dict[str, list[str]] = {}
    engine = province.app.sessions.kw["bind"].engine
    heard: list[tuple[str, Any]] = []

    def hear(_connection: Connection, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        heard.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", hear)
    for page in PAGES:
        for asker in page.askers:
            if named not in f"{page.name} ({asker})":
                continue
            address = province.address_of(page)
            heard.clear()
            province.ask(asker, address)
            asked = [each for each in heard if each[0].lstrip().upper().startswith("SELECT")]
            plans[f"{page.name} ({asker})"] = [_plan(province, *each) for each in asked]
    event.remove(engine, "before_cursor_execute", hear)
    return plans


def _plan(province: Province, statement: str, parameters: Any) -> str:
    with province.app.sessions.kw["bind"].engine.connect() as connection:
        is_sqlite = connection.dialect.name == "sqlite"
        how = "EXPLAIN QUERY PLAN" if is_sqlite else "EXPLAIN (ANALYZE, BUFFERS, TIMING OFF)"
        rows = connection.exec_driver_sql(f"{how} {statement}", parameters).all()
        told = "; ".join(str(row[3]) for row in rows) if is_sqlite else "\n".join(row[0] for row in rows)
        return f"{statement[:200]} … {statement[-220:]}\n  => {told}"
