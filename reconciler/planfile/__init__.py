"""Plan ⇄ Terraform's plan JSON (format_version 1.2), which is also the saved plan file.

Policy tools read it and `apply` executes it. Our own keys begin with `x_`. It holds no secret:
sensitive values are redacted, not only marked.
"""

from reconciler.planfile.document import document, entry_digest, write
from reconciler.planfile.parser import read

__all__ = ["document", "entry_digest", "read", "write"]
