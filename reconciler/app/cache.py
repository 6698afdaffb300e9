"""Open what is kept between runs."""

from __future__ import annotations

from reconciler.app.project import Project
from reconciler.files.cache import Cache
from reconciler.files.program import program_digest
from reconciler.ledger.file import FileStore
from reconciler.workspace.keys import ledger_key_source

FOLDER = "cache"


def open_cache(project: Project) -> Cache:
    """The cache beside the ledger, or in `.reconciler` where the ledger is not a file; it is sealed
    with the key of the ledger's fingerprints. Nothing can be kept before there is such a key, nor
    where the workspace says so. Raises Invalid for a key that is too short."""
    config, store = project.config, project.ledger.store
    if not config.cache.max_age_hours:
        return Cache()
    key = ledger_key_source(project.variables, config.root).key
    if key is None:
        return Cache()
    folder = store.path.parent if isinstance(store, FileStore) else config.root / ".reconciler"
    return Cache(folder / FOLDER, config.root, key, program_digest())
