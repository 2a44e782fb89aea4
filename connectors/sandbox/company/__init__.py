"""A believable company that knows its own truth: CRM-neutral, generated, deterministic.

`build(seed, size, as_of)` draws staff, customers, deals and, for every (user, person) pair, a hidden closeness that drifts
over three years; `Company.batches()` then draws meetings, calls and mails from it, chunk by chunk, so that ten million
activities fit in bounded memory. Each sandbox CRM projects these same tables into its own objects.

Deliberately absent: anything one CRM knows and another does not (ids, twins, child rows, planted traps).
"""

from connectors.sandbox.company.build import build
from connectors.sandbox.company.model import Activities, Company
from connectors.sandbox.company.sizes import SIZES, Size

__all__ = ["SIZES", "Activities", "Company", "Size", "build"]
