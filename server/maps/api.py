"""Maps over HTTP."""

from flask import Response

from server.blueprint import Blueprint, ProblemSchema
from server.db import Json
from server.evidence.sending import send
from server.http import actor, settings
from server.maps import schemas, service
from server.view_marks import streaming

blp = Blueprint("maps", __name__, url_prefix="/api/v1", description="Base maps for phones")


@blp.get("/maps")
@blp.response(200, schemas.MapsSchema)
def list_maps() -> Json:
    """List the packs of one's region, and the online layer where the bureau has a key of its own."""
    key = settings().tianditu_key
    return {
        "packs": service.packs(settings().maps, actor),
        "online": {"name": "天地图", "key": key} if key else None,
    }


@blp.get("/maps/packs/<string:region>/<string:name>")
@blp.response(200, description="PMTiles; `206` for a range.")
@blp.alt_response(206, description="One range of the bytes")
@blp.alt_response(304, description="Not modified")
@blp.alt_response(
    416, schema=ProblemSchema, content_type="application/problem+json", description="media.range-wrong"
)
@streaming
def send_pack(region: str, name: str) -> Response:
    """Send a pack, or one range of it: a download that was cut off goes on with `Range` and `If-Range`."""
    pack = service.find_pack(settings().maps, actor, region, name)
    return send(pack.open, pack.size, pack.etag, "application/vnd.pmtiles")
