"""A process that migrates a ledger, and kills itself where it is told to.

    python -m tests.mover FOLDER SETTING DEATH

DEATH is the number of the call to one of both places after which it dies; before the call where it
is negative.
"""

from __future__ import annotations

import sys
from typing import NoReturn

from reconciler import cli

from .ledger.racer import die_at


def main(arguments: list[str]) -> NoReturn:
    """Migrate the ledger of a folder, or die."""
    folder, setting, death = arguments
    die_at(int(death))
    cli.main(["-C", folder, "state", "migrate", "--to", setting])


if __name__ == "__main__":
    main(sys.argv[1:])
