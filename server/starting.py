"""What every command of the command line begins with."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import click
from sqlalchemy.orm import Session

from server import audit
from server.app import create_app
from server.http import App
from server.settings import Settings, WrongSettingError


def read_settings() -> Settings:
    """Read the settings from the environment; what can't be used ends the command and is named."""
    try:
        return Settings.from_environment(os.environ)
    except WrongSettingError as error:
        raise click.ClickException(str(error)) from error


@contextmanager
def opened(settings: Settings | None = None) -> Iterator[App]:
    """Open the application for one command."""
    app = create_app(settings or read_settings())
    try:
        yield app
    finally:
        app.close()


@contextmanager
def transaction() -> Iterator[Session]:
    """Open the application and one transaction for a command."""
    with opened() as app, audit.transaction(app.sessions) as session:
        yield session
