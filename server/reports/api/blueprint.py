"""The one blueprint of reports."""

from server.blueprint import Blueprint

blp = Blueprint("reports", __name__, url_prefix="/api/v1", description="Reports from frozen snapshots")
