"""What is on its way: the result pages of one object on disk, and the job they come from.

A page file appears whole or not at all and describes itself; the manifest names the job. After a crash the next run
finds both, asks the org whether the job still exists and fetches only the pages that are missing. The folder of an
object is removed when its load is committed.
"""

import hashlib
import json
import shutil
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final, Self

from connectors.salesforce.pages import disk

KEEP_SECONDS: Final = 12 * 3600
"""A job older than this is not resumed: a nightly run wants tonight's data."""


@dataclass(frozen=True)
class Manifest:
    """One job on its way. `identity` names what is read, its upper bound left out, so that a later run can recognise it."""

    job_id: str
    identity: str
    submitted: float = field(default_factory=time.time)

    @classmethod
    def read(cls, path: Path) -> Self | None:
        """The manifest in a file, None when there is none that can be read."""
        try:
            return cls(**json.loads(path.read_text()))
        except (OSError, ValueError, TypeError):
            return None


class Spool:
    """The folder of one object."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._manifest = folder / "job.json"

    def unfinished(self, identity: str) -> str | None:
        """Id of the job a crashed run left for the same read, None when there is none worth resuming."""
        manifest = Manifest.read(self._manifest)
        fresh = manifest is not None and manifest.identity == identity and time.time() - manifest.submitted < KEEP_SECONDS
        return manifest.job_id if manifest and fresh else None

    def begin(self, manifest: Manifest) -> None:
        """Forget what was there and start the pages of another job."""
        self.clear()
        with disk(self._manifest):
            self.folder.mkdir(parents=True, exist_ok=True)
            partial = self._manifest.with_suffix(".part")
            partial.write_text(json.dumps(asdict(manifest)))
            partial.replace(self._manifest)

    def page(self, address: str) -> Path:
        """File of the page at an address."""
        return self.folder / f"page-{hashlib.sha256(address.encode()).hexdigest()[:20]}.parquet"

    def clear(self) -> None:
        """Remove the folder."""
        shutil.rmtree(self.folder, ignore_errors=True)
