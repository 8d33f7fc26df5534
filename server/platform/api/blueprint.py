"""The one blueprint of platforms."""

from server.http import Blueprint

blp = Blueprint("platform", __name__, url_prefix="/api/v1", description="Provincial platforms")
