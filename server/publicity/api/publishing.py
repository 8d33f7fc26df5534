"""What publishers do: watch where results stand, take batches out, note answers, take back."""

from typing import Any
from uuid import UUID

from sqlalchemy.orm import joinedload

from server.http import actor, session
from server.paging import next_page, page
from server.publicity import deciding, schemas, service, withdrawing
from server.publicity.api.blueprint import blp
from server.publicity.models import Disclosure, Publication
from server.publicity.searching import as_sent


@blp.get("/publications")
@blp.arguments(schemas.PublicationsQuerySchema, location="query")
@blp.response(200, schemas.PublicationListedSchema(many=True))
def list_publications(query: dict[str, Any]) -> Any:
    """List where the results of one's jurisdiction stand at each target, the oldest first."""
    chosen = {name: query.get(name) for name in ("state", "target", "batch")}
    found = service.publications_within(actor, **chosen).options(joinedload(Publication.disclosure))
    keys = (Publication.queued_at, Publication.id)
    rows, after = page(session, found, keys, query["after"], query["limit"])
    return service.with_days_left(session, rows), 200, next_page(after)


@blp.post("/publications/batches")
@blp.arguments(schemas.BatchOrderSchema)
@blp.response(201, schemas.BatchSchema)
def take_batch(order: dict[str, Any]) -> dict[str, Any]:
    """Take what is due at a target as one batch, to be brought there as a file; it counts as sent."""
    batch, rows = service.send_batch(session, actor, order["target"], order["most"])
    return {"batch": batch, "rows": [as_sent(each) for each in rows]}


@blp.get("/publications/batches/<uuid:batch>")
@blp.response(200, schemas.BatchSchema)
def show_batch(batch: UUID) -> dict[str, Any]:
    """Show a batch again, as it stands now."""
    return {"batch": batch, "rows": [as_sent(each) for each in service.batch_of(session, actor, batch)]}


@blp.post("/publications/settle")
@blp.arguments(schemas.SettlementSchema)
@blp.response(200, schemas.PublicationSchema(many=True))
def settle_publications(given: dict[str, Any]) -> list[Publication]:
    """Note that a target acknowledged some publications, or refused them."""
    return service.settle(session, actor, given["ids"], given["receipt"], given["errors"])


@blp.get("/publicity/rules")
@blp.response(200, schemas.OwnPublicityRulesSchema)
def show_own_publicity_rules() -> Any:
    """Show where the results of one's own bureau go; `PUT /organisations/{organisation_id}/rules/publicity` sets it."""
    return deciding.own_publicity_rules(session, actor)


@blp.put("/organisations/<uuid:organisation_id>/rules/publicity")
@blp.arguments(schemas.PublicityRulesSchema)
@blp.response(200, schemas.PublicityRulesSchema)
def set_publicity_rules(rules: dict[str, Any], organisation_id: UUID) -> dict[str, Any]:
    """Set where a bureau's results go; for what is released from now on."""
    given: dict[str, Any] = deciding.set_publicity_rules(session, actor, organisation_id, rules).rules[
        "publicity"
    ]
    return given


@blp.get("/disclosures/<uuid:disclosure_id>")
@blp.response(200, schemas.DisclosureSchema)
def show_disclosure(disclosure_id: UUID) -> Disclosure:
    """Show what is public of one version of a result."""
    return service.find_disclosure(session, actor, disclosure_id)


@blp.post("/disclosures/<uuid:disclosure_id>/withdraw")
@blp.arguments(schemas.WithdrawalSchema)
@blp.response(200, schemas.DisclosureSchema)
def withdraw_disclosure(given: dict[str, Any], disclosure_id: UUID) -> Disclosure:
    """Take back what is public; the public sees that it was, and the reason."""
    return withdrawing.withdraw(session, actor, disclosure_id, given["reason"], given["note"])


@blp.post("/disclosures/<uuid:disclosure_id>/publish-again")
@blp.arguments(schemas.PublishAgainSchema)
@blp.response(200, schemas.DisclosureSchema)
def publish_disclosure_again(given: dict[str, Any], disclosure_id: UUID) -> Disclosure:
    """Let what was taken back be public again, with a note that stays inside."""
    return withdrawing.publish_again(session, actor, disclosure_id, given["note"])
