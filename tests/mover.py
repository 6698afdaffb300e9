"""A process that migrates a ledger, and kills itself where it is told to.

    python -m tests.mover FOLDER SETTING DEATH

DEATH is the number of the call to one of both places after which it dies; before the call where it
is negative.
"""

from __future__ import annotations

import sys

from reconciler import cli

from .ledger.racer import die_at

if __name__ == "__main__":
    die_at(int(sys.argv[3]))
    cli.main(["-C", sys.argv[1], "state", "migrate", "--to", sys.argv[2]])
