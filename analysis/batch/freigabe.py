"""The release check of a report before its files are put into place."""

import datetime as dt
import json
from functools import lru_cache
from pathlib import Path

from analysis import befragungsausgaben, workspace
from analysis.batch.export import Target
from analysis.batch.plan import Job
from analysis.errors import InputError
from analysis.release import datei, ordner, sperre
from analysis.release.datei import Gesucht
from analysis.release.fund import ReleaseError
from analysis.release.kanarien import of_surveys
from analysis.release.suche import Kanarien
from analysis.release.zurueckgehalten import Sperre
from analysis.sources.befragung_beschreibung import chosen, descriptions
from analysis.store import Store


def prepare(job: Job, target: Target) -> None:
    """Have the first job of each Kreis of a run find out what it withholds, while the others are under way."""
    try:
        (target.scratch / f"{job.ags}.sperre").touch(exist_ok=False)
    except FileExistsError:
        return
    _sperre(job.ags, target.scratch)


def released(files: dict[Path, bytes | str], job: Job, target: Target) -> None:
    """Refuse files of a report that hold what must not leave the machine.

    Raises
    ------
    ReleaseError
        Names file, place and kind of what was found, never the micro datum itself.
    """
    found = ordner.check_files(files, Gesucht(kanarien(job), _sperre(job.ags, target.scratch)))
    if found:
        raise ReleaseError(found)


def record(job: Job, target: Target) -> None:
    """Note what a report shows before it is put into place: how it counts its survey, the counts of its Kreis.

    Of the Kreis this is done once per run.

    Raises
    ------
    InputError
        It cannot be noted.
    """
    if not target.festhalten:
        return
    try:
        _record(job, target)
    except OSError as error:
        folder = workspace.ausgaben().name
        raise InputError(f"what this report shows cannot be noted in the folder {folder} ({error.strerror})") from None


def _record(job: Job, target: Target) -> None:
    if job.notebook.befragung and (survey := chosen(descriptions().get(job.ags, []), job.befragung)):
        befragungsausgaben.record(survey, dt.date.today(), job.werte)
    noted = target.scratch / f"{job.ags}.ausgabe"
    if noted.exists():
        return
    from analysis import kreissperrung

    with Store() as store:
        kreissperrung.record(store, job.ags)
    noted.touch()


def check_failed(notebook: str, job: Job) -> str:
    """Notebook of a job that failed, without its outputs if they hold what must not leave the machine."""
    try:
        found = datei.check(notebook.encode(), f"{job.name}.ipynb", Gesucht(kanarien(job)), fehlgeschlagen=True)
    except InputError:  # a survey that nobody can read is also not in the notebook
        found = []
    return _without_outputs(notebook) if found else notebook


@lru_cache(maxsize=8)
def _sperre(ags: str, run: Path) -> Sperre:
    """What a Kreis withholds, found once per run (it is told by its folder of intermediate files)."""
    if not workspace.store().exists():
        return Sperre()
    with Store() as store:
        return sperre.kept(store, ags)


def kanarien(job: Job) -> Kanarien:
    """Canaries of the surveys of the job's Kreis; none where a report needs no survey and theirs cannot be read."""
    try:
        return of_surveys(descriptions().get(job.ags, []))
    except InputError:
        if job.notebook.befragung:
            raise
        return Kanarien()


def _without_outputs(notebook: str) -> str:
    content = json.loads(notebook)
    for cell in content["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"] = []
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"
