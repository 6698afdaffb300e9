"""The values that flow through the tool: addresses, resources, live objects, plans, outcomes."""

from reconciler.model.desired import Connection, Guard, Manifests, Options, Resource, Workspace
from reconciler.model.live import Listing, Live, Owned, Snapshot
from reconciler.model.names import (
    ABSENT,
    Absent,
    Address,
    Fields,
    Path,
    Pointer,
    Ref,
    Scope,
    Secret,
)
from reconciler.model.plans import (
    WRITES,
    Action,
    Budget,
    Cause,
    Change,
    FieldChange,
    Outcome,
    Plan,
    Status,
    Write,
)

__all__ = [
    "ABSENT",
    "WRITES",
    "Absent",
    "Action",
    "Address",
    "Budget",
    "Cause",
    "Change",
    "Connection",
    "FieldChange",
    "Fields",
    "Guard",
    "Listing",
    "Live",
    "Manifests",
    "Options",
    "Outcome",
    "Owned",
    "Path",
    "Plan",
    "Pointer",
    "Ref",
    "Resource",
    "Scope",
    "Secret",
    "Snapshot",
    "Status",
    "Workspace",
    "Write",
]
