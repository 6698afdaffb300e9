"""Keeps the SaaS back office of a retailer in Git: manifests, plan, apply, drift.

    from reconciler import Workspace

    workspace = Workspace.open("shop")
    plan = workspace.plan()
    workspace.apply(plan)

`Workspace`, `PlanOptions` and `ApplyOptions` are the Python API. What its methods return is
described in `reconciler.model`, what they raise in `reconciler.errors`.
"""

# As in `typing`, whose import would double what importing this package costs.
TYPE_CHECKING = False

if TYPE_CHECKING:
    from reconciler.app.options import ApplyOptions as ApplyOptions
    from reconciler.app.options import PlanOptions as PlanOptions
    from reconciler.app.workspace import Workspace as Workspace

__version__ = "0.1.0"
__all__ = ["ApplyOptions", "PlanOptions", "Workspace", "__version__"]

_MODULES = {
    "ApplyOptions": "reconciler.app.options",
    "PlanOptions": "reconciler.app.options",
    "Workspace": "reconciler.app.workspace",
}


def __getattr__(name: str) -> object:
    """Import a part of the API when it is first used: `import reconciler` itself costs nothing."""
    if name not in _MODULES:
        raise AttributeError(f"module 'reconciler' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_MODULES[name]), name)
