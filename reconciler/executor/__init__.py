"""Execute a plan: the only package that writes to vendors. It makes exactly the changes in the
plan."""

from reconciler.executor.options import FRESH_SECONDS, PARALLELISM, ExecuteOptions, Journal, Settle
from reconciler.executor.pages import Pages
from reconciler.executor.run import execute
from reconciler.executor.verify import ReadBack, read_back

__all__ = [
    "FRESH_SECONDS",
    "PARALLELISM",
    "ExecuteOptions",
    "Journal",
    "Pages",
    "ReadBack",
    "Settle",
    "execute",
    "read_back",
]
