"""Rules about what the inspectors declared before they began."""

from collections.abc import Iterator

from forms.geodesy import Words
from server import clock
from server.review.doubts.case import Case
from server.review.doubts.kinds import Code, Item


def doubt_declarations(case: Case) -> Iterator[Item]:
    """Ask about an interest that was declared, and about beginning without what the law asks for."""
    told = case.sealed.declarations
    if told is None:
        return
    for recusal in told.recusal:
        if recusal.answer == "recused":
            words = Words(f"{recusal.name}：声明需要回避", f"{recusal.name}: declared an interest")
            yield Item(Code.RECUSED, (), words, {"person": recusal.person})
    for override in told.overrides:
        missing = "、".join(override.missing)
        words = Words(f"{missing}：{override.reason}", f"{missing}: {override.reason}")
        details = {
            "missing": list(override.missing),
            "reason": override.reason,
            "at": clock.iso(override.at),
        }
        yield Item(Code.OVERRIDDEN, (), words, details)
