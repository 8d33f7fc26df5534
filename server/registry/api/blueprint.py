"""The blueprints of the registry: one for people of the house, one for everybody."""

from server.blueprint import Blueprint

blp = Blueprint(
    "registry", __name__, url_prefix="/api/v1", description="Lists and libraries: items, objects, inspectors"
)
public_blp = Blueprint(
    "public-lists", __name__, url_prefix="/public", description="Published lists, for everybody"
)
