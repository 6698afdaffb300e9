"""What maintainers of the project run in a checkout; no part of the installed package."""
