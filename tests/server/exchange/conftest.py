"""What pushes and pulls need beside two phones on one task: databases and processes of their own."""

from uuid import uuid4

import pytest
from sqlalchemy import create_engine, text

from server.app import create_app
from server.db import Base, open_engine
from tests.conftest import settings_for


@pytest.fixture
def postgres_app(postgres, tmp_path):
    """An application on a PostgreSQL of its own, for what only two writers at once can show."""
    admin = create_engine(f"{postgres}/postgres", isolation_level="AUTOCOMMIT")
    name = f"alone_{uuid4().hex}"
    with admin.connect() as connection:
        connection.execute(text(f"create database {name}"))
    admin.dispose()
    building = open_engine(f"{postgres}/{name}")
    Base.metadata.create_all(building)
    building.dispose()
    app = create_app(settings_for(f"{postgres}/{name}", tmp_path))
    yield app
    app.sessions.kw["bind"].dispose()
