"""Plan + drivers → outcomes: the only room that writes to vendors. It does what the plan says and
decides nothing."""

from reconciler.executor.change import ExecuteOptions, Journal, Settle
from reconciler.executor.run import execute
from reconciler.executor.verify import read_back

__all__ = ["ExecuteOptions", "Journal", "Settle", "execute", "read_back"]
