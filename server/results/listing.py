"""The codes of results as lists for phones, where inspectors confirm what was drafted."""

from sqlalchemy.orm import Session

from server.audit import Acting
from server.registry import service as registry
from server.results.codes import FollowupCode, ResultCode


def offer_codes(session: Session, actor: Acting) -> None:
    """Offer the codes of results and of follow-ups with what they are called. Idempotent."""
    for name, title, codes in (
        ("result_codes", ("检查结果代码", "Result codes"), list(ResultCode)),
        ("followup_codes", ("后续处置代码", "Follow-up codes"), list(FollowupCode)),
    ):
        entries = [{"code": code.value, "name": code.chinese} for code in codes]
        registry.enter_list(session, actor, name, title, entries)
