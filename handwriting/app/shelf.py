"""The folder of reports, as all parts of the app see it."""

from __future__ import annotations

import logging
import reprlib
from pathlib import Path

from handwriting.errors import InputError
from handwriting.evaluation.report import Report, list_reports

log = logging.getLogger(__name__)


class ReportShelf:
    """Lists and finds reports; reads them anew only where a file has changed.

    Args:
        folder: The folder of reports.
    """

    def __init__(self, folder: Path):
        self.folder = folder
        self._stamps: list[tuple[str, int | None]] | None = None
        self._listed: tuple[list[Report], dict[str, str]] = ([], {})

    def list(self) -> tuple[list[Report], dict[str, str]]:
        """The reports, sorted, and for each other folder's name what is wrong with it."""
        places = sorted(self.folder.iterdir()) if self.folder.is_dir() else []
        stamps = [(place.name, _changed(place / "report.json")) for place in places]
        if stamps != self._stamps:
            self._listed, self._stamps = list_reports(self.folder), stamps
            for name, problem in self._listed[1].items():
                log.warning("report %s cannot be shown: %s", name, problem)
        return self._listed

    def find(self, name: str) -> Report:
        """The report of that name.

        Raises:
            InputError: There is none.
        """
        for report in self.list()[0]:
            if report.name == name:
                return report
        raise InputError(f"there is no report {reprlib.repr(name)}: choose another")


def _changed(path: Path) -> int | None:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return None
