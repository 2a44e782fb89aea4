"""What is on its way: the result pages of one table on disk, and what they are pages of.

A page file appears whole or not at all and describes itself; the manifest says what was being read. After a crash the
next run finds both, asks the CRM whether it can go on from there and fetches only the pages that are missing. The folder
of a table is removed when its load is committed.
"""

import hashlib
import json
import shutil
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final, Self

from connectors.landing.pages import disk

KEEP_SECONDS: Final = 12 * 3600
"""What was begun longer ago is not resumed: a nightly run wants tonight's data."""


@dataclass(frozen=True)
class Manifest:
    """One read on its way. `job`: the CRM's own name of it. `identity` says what is read, so that a later run can recognise it."""

    job: str
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
    """The folder of one table."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._manifest = folder / "job.json"

    def unfinished(self, identity: str) -> str | None:
        """The job a crashed run left for the same read, None when there is none worth resuming."""
        manifest = Manifest.read(self._manifest)
        fresh = manifest is not None and manifest.identity == identity and time.time() - manifest.submitted < KEEP_SECONDS
        return manifest.job if manifest and fresh else None

    def begin(self, manifest: Manifest) -> None:
        """Forget what was there and start the pages of another read."""
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
