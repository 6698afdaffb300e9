"""The data types of the tool: addresses, resources, live objects, plans, outcomes."""

from reconciler.model.account import AccountIdentity
from reconciler.model.address import Address, Fields, Path, Scope, replaced_address
from reconciler.model.health import Health, KindHealth, LedgerHealth, ProviderHealth
from reconciler.model.live import BegunCreate, BegunUpdate, Listing, Live, Owned, Snapshot
from reconciler.model.plan import (
    ROTATE,
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
from reconciler.model.policy import Policy, Window
from reconciler.model.resource import (
    Connection,
    Guard,
    Manifests,
    Options,
    Resource,
    WorkspaceConfig,
)
from reconciler.model.results import (
    DRIFTED,
    Applied,
    Comparison,
    Difference,
    Drift,
    LastSet,
    Validation,
)
from reconciler.model.steps import Phase, Step, steps_of
from reconciler.model.values import ABSENT, FINGERPRINT, Absent, Pointer, Ref, Secret, is_secret

__all__ = [
    "ABSENT",
    "DRIFTED",
    "FINGERPRINT",
    "ROTATE",
    "WRITES",
    "Absent",
    "AccountIdentity",
    "Action",
    "Address",
    "Applied",
    "BegunCreate",
    "BegunUpdate",
    "Budget",
    "Cause",
    "Change",
    "Comparison",
    "Connection",
    "Difference",
    "Drift",
    "FieldChange",
    "Fields",
    "Guard",
    "Health",
    "KindHealth",
    "LastSet",
    "LedgerHealth",
    "Listing",
    "Live",
    "Manifests",
    "Options",
    "Outcome",
    "Owned",
    "Path",
    "Phase",
    "Plan",
    "Pointer",
    "Policy",
    "ProviderHealth",
    "Ref",
    "Resource",
    "Scope",
    "Secret",
    "Snapshot",
    "Status",
    "Step",
    "Validation",
    "Window",
    "WorkspaceConfig",
    "Write",
    "is_secret",
    "replaced_address",
    "steps_of",
]
