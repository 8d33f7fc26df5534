"""What a bureau decides about publicity: where its results go, and whether problems wait. Read and set by publishers."""

from uuid import UUID

from sqlalchemy.orm import Session

from server import audit
from server.access import Actor, Permission, require
from server.accounts.models import Organisation
from server.db import Json
from server.problems import PublicityRulesWrong
from server.publicity.rules import AFTER_HANDLING, AT_ONCE, WrongPublicityRuleError, read_publicity_rules
from server.results.calendars import find_bureau


def own_publicity_rules(session: Session, actor: Actor) -> Json:
    """Tell where the results of one's own bureau go, as it set that or by default; whoever sets it reads no list of bureaus."""
    require(actor, Permission.PUBLICITY_READ)
    bureau = session.get_one(Organisation, actor.organisation_id)
    rules = read_publicity_rules(bureau.rules)
    problems = AFTER_HANDLING if rules.after_handling else AT_ONCE
    return {
        "organisation_id": bureau.id,
        "organisation": bureau.name,
        "targets": [each.value for each in rules.targets],
        "problems": problems,
    }


def set_publicity_rules(session: Session, actor: Actor, organisation_id: UUID, rules: Json) -> Organisation:
    """Set where a bureau's results go, and whether problems wait; for what is released from now on."""
    bureau = find_bureau(session, actor, organisation_id)
    require(actor, Permission.PUBLICITY_MANAGE, bureau)
    try:
        read_publicity_rules({"publicity": rules})
    except WrongPublicityRuleError as error:
        raise PublicityRulesWrong(str(error)) from error
    before = bureau.rules.get("publicity")
    bureau.rules = {**bureau.rules, "publicity": rules}
    session.flush()
    told = {"before": before, "now": rules}
    audit.append(session, actor, "organisation.publicity-set", ("organisation", bureau.id), told)
    return bureau
