"""The blueprint of what supervisors do for stock ODK phones."""

from server.blueprint import Blueprint

blp = Blueprint(
    "openrosa-keys",
    __name__,
    url_prefix="/api/v1/openrosa",
    description="Keys of ODK Collect and KoboCollect",
)
