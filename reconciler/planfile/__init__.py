"""Plan ⇄ Terraform's plan JSON (format_version 1.2), which is also the saved plan file.

Policy tools read it, `apply` executes it. Our own keys begin with `x_`. No secret is in it:
sensitive values are redacted in the values themselves, not only marked.
"""

from reconciler.planfile.document import document, entry_digest, write
from reconciler.planfile.parser import read

__all__ = ["document", "entry_digest", "read", "write"]
