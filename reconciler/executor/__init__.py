"""Execute a plan: the only package that writes to vendors. It makes the changes of the plan and
decides nothing itself."""

from reconciler.executor.change import ExecuteOptions, Journal, Settle
from reconciler.executor.run import execute
from reconciler.executor.verify import read_back

__all__ = ["ExecuteOptions", "Journal", "Settle", "execute", "read_back"]
