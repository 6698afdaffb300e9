"""The one way to a vendor: client, authentication, rate limit, paging, driver."""

import sys

# httpx would bring its own command line, and with it rich, which costs more than all the rest of
# it: a module that is None counts as not installed.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]
