"""The blueprint that every view of the room is registered on."""

from server.blueprint import Blueprint

blp = Blueprint("accounts", __name__, url_prefix="/api/v1", description="Sessions, people, devices")
