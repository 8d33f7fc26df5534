"""The one blueprint of planning, and the one of its public documents."""

from server.blueprint import Blueprint

blp = Blueprint("planning", __name__, url_prefix="/api/v1", description="Annual plans")
public_blp = Blueprint(
    "public_plans", __name__, url_prefix="/public", description="Published plans, for everybody"
)
