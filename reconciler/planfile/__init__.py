"""Plan ⇄ Terraform's plan JSON (format_version 1.2), which is also the saved plan file.

Policy tools read it and `apply` executes it. Our own keys begin with `x_`. It holds no secret:
sensitive values are redacted, not only marked.
"""

from reconciler.planfile.document import fingerprint, head, write
from reconciler.planfile.entries import entry_digest, planned_digest
from reconciler.planfile.parser import read

__all__ = ["entry_digest", "fingerprint", "head", "planned_digest", "read", "write"]
