"""Connections to the gradebook that wait for one another."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, func, make_url, select
from sqlalchemy.pool import NullPool

WAIT = 60  # seconds for another writer
KEY = 0x6C616274  # of our advisory lock in PostgreSQL: "labt"


def connect(db_url: str) -> Engine:
    """An engine whose transactions wait for others, `WAIT` seconds, in place of failing.

    Args:
        db_url: SQLAlchemy's URL; SQLite or PostgreSQL.
    """
    url = make_url(db_url)
    if not is_sqlite(url):
        return create_engine(url)
    engine = create_engine(url, connect_args={"timeout": WAIT})

    # the driver would begin with the first write, and two that have read before it cannot wait
    @event.listens_for(engine, "connect")
    def no_implicit_begin(connection: Any, _record: Any) -> None:
        connection.isolation_level = None

    @event.listens_for(engine, "begin")
    def begin_as_writer(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


@contextmanager
def exclusive(db_url: str) -> Iterator[None]:
    """Hold off every other coordinator of this gradebook, for what is no single transaction."""
    url = make_url(db_url)
    if url.get_backend_name() == "postgresql":
        engine = create_engine(url, poolclass=NullPool)  # the lock ends with the connection
        with engine.connect() as connection:
            connection.execute(select(func.pg_advisory_lock(KEY)))
            yield
    elif is_sqlite(url) and url.database:
        with Path(f"{url.database}.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
    else:
        yield


def is_sqlite(url: URL) -> bool:
    """Whether the gradebook is a file."""
    return url.get_backend_name() == "sqlite"
