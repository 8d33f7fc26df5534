"""The one blueprint of platforms."""

from server.blueprint import Blueprint

blp = Blueprint("platform", __name__, url_prefix="/api/v1", description="Provincial platforms")
