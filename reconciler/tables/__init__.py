"""Read a table, as spreadsheets write it: its rows, the fields of its columns, the values of its
cells."""

from reconciler.tables.cells import BadCell, CellForm, rounded
from reconciler.tables.columns import Target, Targets, check_key, constants, find_targets, put
from reconciler.tables.rows import MAX_BYTES, Row, Table, read_table

__all__ = [
    "MAX_BYTES",
    "BadCell",
    "CellForm",
    "Row",
    "Table",
    "Target",
    "Targets",
    "check_key",
    "constants",
    "find_targets",
    "put",
    "read_table",
    "rounded",
]
