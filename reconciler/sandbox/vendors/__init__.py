"""The vendors, each in a package of its own with the objects of its documentation beside it."""


def package(name: str) -> str:
    """Where a vendor lives: `kobo-plm` in `kobo_plm`."""
    return f"{__name__}.{name.replace('-', '_')}"
