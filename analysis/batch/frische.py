"""Whether a report would come out as it is: digests of all that it is made from, beside those of its last run."""

import hashlib
import json
from pathlib import Path

from analysis import ausgaben, regelwerk, workspace
from analysis.ablage import package
from analysis.batch.export import Target
from analysis.batch.job import ERSTELLT
from analysis.batch.plan import Job, report_name
from analysis.batch.unveraendert import surroundings
from analysis.files import sha256
from analysis.report.gestaltung import Gestaltung
from analysis.store import Kreisbestand

WORTE = {
    "notebook": "the notebook",
    "parameter": "the parameters",
    "daten": "figures in the store",
    "ausgaben": "what earlier reports showed",
    "referenzwerte": "the reference values",
    "befragung": "the survey",
    "zielkatalog": "the goal catalogue",
    "lebenslagen": "the goals of other strategies",
    "gruppennamen": "the names of groups",
    "vertraulichkeit": "the rules of what is withheld",
    "gestaltung": "the corporate design",
    "paket": "the package",
    "umgebung": "Python, the installed packages or the time zone",
}
"""What a report is made from, in words."""


def made_from(
    jobs: list[Job], bestaende: dict[str, Kreisbestand], target: Target, designs: dict[str, Gestaltung]
) -> dict[str, dict[str, str]]:
    """SHA-256 of everything that each report is made from, by kind (`WORTE`), by key of the job."""
    common = {
        "referenzwerte": target.eingaben.get("referenzwerte", ""),
        "lebenslagen": target.eingaben.get("lebenslagen", ""),
        "gruppennamen": target.eingaben.get("gruppennamen", ""),
        "vertraulichkeit": target.eingaben.get("vertraulichkeit", ""),
        "paket": package(),
        "umgebung": surroundings(),
    }
    notebooks = {path: sha256(path) for path in {job.notebook.path for job in jobs}}
    earlier = {ags: _earlier(ags, bestaende[ags].stand) for ags in {job.ags for job in jobs}}
    return {
        job.key: {
            "notebook": notebooks[job.notebook.path],
            "parameter": _digest([job.parameters, job.raum, job.titel]),
            "daten": bestaende[job.ags].verlauf,
            "ausgaben": earlier[job.ags],
            "befragung": target.befragungen.get(job.key, ""),
            "zielkatalog": target.kataloge.get(job.key, ""),
            "gestaltung": designs[job.ags].sha256 if job.ags in designs else "",
            **common,
        }
        for job in jobs
    }


def reasons(jobs: list[Job], berichte: list[dict], parts: dict[str, dict[str, str]], output: Path) -> dict[str, str]:
    """Why each report is not fresh, by key of the job; reports that are fresh are left out.

    A report is fresh if its last run succeeded, nothing that it is made from differs, and all its files are as that
    run wrote them (PDFs aside, which are printed later).

    Parameters
    ----------
    berichte
        Entries of the manifest.
    parts
        What `made_from` gave.
    output
        Folder of the manifest, to which the names of files are relative.
    """
    before = {f"{e['ags']}/{report_name(e['notebook'], e['ags'], e.get('raum', ''))}": e for e in berichte}
    found = {job.key: _reason(before.get(job.key), parts[job.key], output) for job in jobs}
    return {key: reason for key, reason in found.items() if reason}


def _reason(entry: dict | None, parts: dict[str, str], output: Path) -> str:
    if entry is None:
        return "not made yet"
    if entry["ergebnis"] != ERSTELLT:
        return "failed last time"
    before = entry.get("gemacht_aus", {})
    changed = [words for part, words in WORTE.items() if before.get(part) != parts[part]]
    if changed:
        return f"changed: {', '.join(changed)}"
    files = {output / name: digest for name, digest in entry["dateien"].items() if not name.endswith(".pdf")}
    different = [path.name for path, digest in files.items() if not path.is_file() or sha256(path) != digest]
    return f"not as it was written: {', '.join(sorted(different))}" if different else ""


def _earlier(ags: str, stand: str) -> str:
    recorded = workspace.ausgaben() / f"{ags}.csv"
    if not recorded.exists():
        return ""
    return ausgaben.digest(ausgaben.read(recorded), regelwerk.key_of(stand))


def _digest(content: list) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
