"""Keep connections open between requests, and give each to one request at a time.

httpcore's own pool looks at all of its connections, and asks the system about each, twice for every
request. Here it only makes connections.
"""

from __future__ import annotations

from typing import Any

import httpcore

Origin = tuple[bytes, bytes, int | None]


class Connections:
    """The idle connections to the hosts of one account; any thread may use them. The settings are
    those of httpcore's pool."""

    def __init__(self, **settings: Any) -> None:
        self._pool = httpcore.ConnectionPool(**settings)
        self._idle: dict[Origin, list[httpcore.ConnectionInterface]] = {}

    def take(self, url: httpcore.URL) -> httpcore.ConnectionInterface:
        """A connection to the host of a URL, for one request: the one that was used last, so that
        no more are kept in use than are needed; or a new one, which is not open yet."""
        connection = self._usable(self._idle_to(url))
        return connection or self._pool.create_connection(url.origin)

    def give_back(self, url: httpcore.URL, connection: httpcore.ConnectionInterface) -> None:
        """Keep a connection for the next request, or close it where its answer is not complete."""
        if connection.is_idle():
            self._idle_to(url).append(connection)
        else:
            connection.close()

    def close(self) -> None:
        """Close the idle connections."""
        for idle in self._idle.values():
            while idle:
                idle.pop().close()
        self._pool.close()

    def _idle_to(self, url: httpcore.URL) -> list[httpcore.ConnectionInterface]:
        return self._idle.setdefault((url.scheme, url.host, url.port), [])

    def _usable(
        self, idle: list[httpcore.ConnectionInterface]
    ) -> httpcore.ConnectionInterface | None:
        """The last of these connections that is still open; those that are not are closed."""
        while idle:
            try:
                connection = idle.pop()
            except IndexError:  # another thread was first
                break
            if not connection.is_closed() and not connection.has_expired():
                return connection
            connection.close()
        return None
