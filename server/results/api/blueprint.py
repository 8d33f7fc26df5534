"""The blueprint that results and follow-ups share."""

from server.blueprint import Blueprint

blp = Blueprint("results", __name__, url_prefix="/api/v1", description="Results, from draft to closure")
