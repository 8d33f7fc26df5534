"""The blueprint that uploads and reading share, and what both answer when the store refuses."""

import logging

from flask import Response

from media import ObjectUnknown, StoreError, StoreFull
from server import problems
from server.blueprint import Blueprint
from server.refusals import answer

log = logging.getLogger("merestone.evidence")

blp = Blueprint("evidence", __name__, url_prefix="/api/v1", description="Media: uploads and reading")


@blp.errorhandler(StoreError)
def refuse_for_store(error: StoreError) -> Response:
    """Answer what the store could not do."""
    log.warning("store refused", extra={"reason": str(error)[:300]})
    if isinstance(error, StoreFull):
        return answer(problems.DiskFull())
    if isinstance(error, ObjectUnknown):
        return answer(problems.MediaNotFound())
    return answer(problems.StoreUnavailable().with_headers(Retry_After="5"))
