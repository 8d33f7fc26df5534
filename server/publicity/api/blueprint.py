"""The one blueprint of publishers, and the one of what is public."""

from server.blueprint import Blueprint

blp = Blueprint("publicity", __name__, url_prefix="/api/v1", description="Publicity of results")
public_blp = Blueprint("public_results", __name__, url_prefix="/public", description="Results, for everybody")
