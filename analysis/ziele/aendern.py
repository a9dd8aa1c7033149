"""The state of a goal changed in its file: the history grows by one entry, everything else stays as it was."""

import datetime as dt
import io
import json
import zipfile
from copy import deepcopy
from pathlib import Path

import yaml

from analysis.dates import parse_stichtag
from analysis.errors import InputError
from analysis.files import write_atomic
from analysis.yaml_files import load_yaml, parse_yaml
from analysis.ziele import mappe
from analysis.ziele.katalog import UMSETZUNG, Zielkatalog
from analysis.ziele.lesen import knoten, lesen
from analysis.ziele.verlauf import erledigt_bis, in_kraft

ENTSCHEIDUNG = ("zurueckgestellt", "aufgegeben")
"""States that amount to a change of the strategy: on levels that only one body may change they need its decision."""


def setzen(path: Path, code: str, umsetzung: str, grund: str, datum: dt.date, beschluss: str = "") -> str:
    """Change the state of a goal in its file, at once or not at all; return the state before.

    A YAML file keeps its comments and its order, a workbook its other sheets and formats. The catalogue's own date
    moves on where the change is later; a beginning that only followed from that date is written beside it.

    Raises
    ------
    InputError
        The file or the code is wrong, the goal is struck, the state is unknown or the same as before (a yearly goal
        may be done once each year), no reason, a date in the future, before the catalogue begins or before the newest
        of the goal's history, a missing decision, or a file that cannot be changed without loss.
    """
    catalogue = lesen(path)
    before = _check(catalogue, code, umsetzung, grund, datum, beschluss)
    entry = {"datum": f"{datum:%Y-%m-%d}", "von": before, "auf": umsetzung, "grund": " ".join(grund.split())}
    entry = {key: value for key, value in entry.items() if value} | ({"beschluss": beschluss} if beschluss else {})
    dates = {"stand": f"{datum:%Y-%m-%d}"} if datum > catalogue.stand else {}
    if dates and not catalogue.beginn and not (catalogue.beschluss and catalogue.beschluss.datum):
        dates["beginn"] = f"{catalogue.anfang:%Y-%m-%d}"
    edit = _workbook if path.suffix.lower() == ".xlsx" else _yaml
    changed = edit(path, code, umsetzung, entry, dates)
    lesen(path, inhalt=changed)
    write_atomic(path, changed)
    return before


def _check(catalogue: Zielkatalog, code: str, umsetzung: str, grund: str, datum: dt.date, beschluss: str) -> str:
    goal = catalogue.nach_code.get(code)
    if goal is None:
        raise InputError(f"there is no goal {code!r} in the catalogue of {catalogue.kreis}; expected one of its codes")
    known = [state for state in UMSETZUNG if state]
    if umsetzung not in known:
        raise InputError(f"{umsetzung!r} is no state; expected {', '.join(known)}")
    if not grund.strip():
        raise InputError(f"{code}: the reason is empty; expected a sentence")
    if not in_kraft(goal, catalogue.stand):
        raise InputError(f"{code}: the goal is struck; expected one that is in force")
    yearly = goal.frist is not None and goal.frist.art == "jaehrlich" and umsetzung == "erledigt"
    if goal.umsetzung == umsetzung and not (yearly and erledigt_bis(goal, datum, catalogue.stand) < datum.year):
        raise InputError(f"{code}: the state is {umsetzung!r} already")
    if datum < catalogue.anfang:
        raise InputError(
            f"{code}: {datum:%d.%m.%Y} lies before the catalogue begins ({catalogue.anfang:%d.%m.%Y}); "
            "expected that day or a later one"
        )
    if goal.verlauf and datum < goal.verlauf[-1].datum:
        raise InputError(
            f"{code}: {datum:%d.%m.%Y} lies before the newest entry of its history ({goal.verlauf[-1].datum:%d.%m.%Y})"
        )
    level = catalogue.nach_ebene[goal.ebene]
    if umsetzung in ENTSCHEIDUNG and level.aenderung_durch and not beschluss:
        raise InputError(f"{code}: a {level.name} becomes {umsetzung} only by {level.aenderung_durch}; give --decision")
    return goal.umsetzung


def _yaml(path: Path, code: str, umsetzung: str, entry: dict, dates: dict) -> bytes:
    raw = path.read_bytes().decode("utf-8")
    newline = "\r\n" if "\r\n" in raw else "\n"
    text = raw.replace("\r\n", "\n")
    wanted = deepcopy(load_yaml(path, dates_as_text=True))
    goal = next(z for z in wanted["zielkatalog"]["ziele"] if z["code"] == code)
    goal["umsetzung"] = umsetzung
    goal["verlauf"] = [*goal.get("verlauf", []), entry]
    top = knoten(yaml.compose(text, Loader=yaml.SafeLoader), "zielkatalog")
    node = next(z for z in knoten(top, "ziele").value if knoten(z, "code").value == code)
    missing = umsetzung if knoten(node, "umsetzung") is None else ""
    edits = [_state(text, node, umsetzung), _history(text, node, entry, missing)]
    if dates:
        wanted["zielkatalog"] |= dates
        edits.append(_replaced(knoten(top, "stand"), dates["stand"]))
    if "beginn" in dates:
        key = next(name for name, _ in top.value if name.value == "stand").start_mark
        end = ", " if top.flow_style else "\n" + " " * key.column
        edits.append((key.index, key.index, f"beginn: {dates['beginn']}{end}"))
    for start, end, new in sorted(filter(None, edits), reverse=True):
        text = text[:start] + new + text[end:]
    if _parsed(path, text) != wanted:
        raise InputError(f"{path}: {code} is written in a way that cannot be changed without loss; edit it by hand")
    return text.replace("\n", newline).encode("utf-8")


def _parsed(path: Path, text: str) -> dict | None:
    try:
        return parse_yaml(path, text, dates_as_text=True)
    except InputError:
        return None


def _replaced(node: yaml.ScalarNode, new: str) -> tuple[int, int, str]:
    return node.start_mark.index, node.end_mark.index, new


def _state(text: str, goal: yaml.MappingNode, umsetzung: str) -> tuple[int, int, str] | None:
    """Edit of the state that is there; a missing one comes with the history."""
    node = knoten(goal, "umsetzung")
    return _replaced(node, umsetzung) if node is not None else None


def _history(text: str, goal: yaml.MappingNode, entry: dict, state: str) -> tuple[int, int, str]:
    """Edit that adds the entry, below the last one, or with a new `verlauf` behind the goal's last key."""
    flow = "{" + ", ".join(f"{key}: {_scalar(value)}" for key, value in entry.items()) + "}"
    node = knoten(goal, "verlauf")
    if node is not None and node.flow_style:
        end = node.end_mark.index - 1
        new = f"{', ' if node.value else ''}{flow}"
        return end, end, new
    if goal.flow_style:
        end = _last(goal)
        new = f", umsetzung: {state}" if state else ""
        return end, end, f"{new}, verlauf: [{flow}]"
    end = text.find("\n", _last(goal if node is None else node))
    end = len(text) if end < 0 else end
    indent = " " * goal.start_mark.column
    if node is not None:
        missing = f"\n{indent}umsetzung: {state}" if state else ""
        return end, end, f"\n{' ' * node.start_mark.column}- {flow}{missing}"
    missing = f"\n{indent}umsetzung: {state}" if state else ""
    return end, end, f"{missing}\n{indent}verlauf:\n{indent}  - {flow}"


def _last(node: yaml.Node) -> int:
    """Where the last thing of a node ends; the parser says only where the next one begins."""
    if isinstance(node, yaml.ScalarNode):
        return node.end_mark.index - (1 if node.style in ("|", ">") else 0)
    if not node.value or (node.flow_style and isinstance(node, yaml.SequenceNode)):
        return node.end_mark.index
    last = node.value[-1]
    inner = last[1] if isinstance(last, tuple) else last
    whole = isinstance(inner, yaml.CollectionNode) and inner.flow_style
    return inner.end_mark.index if whole else _last(inner)


def _scalar(value: str) -> str:
    """Text as YAML: plain where it is a date or a word, else in quotes."""
    try:
        parse_stichtag(value)
        return value
    except InputError:
        return value if value in UMSETZUNG else json.dumps(value, ensure_ascii=False)


def _workbook(path: Path, code: str, umsetzung: str, entry: dict, dates: dict) -> bytes:
    book = mappe.oeffnen(path)
    columns = {name: {key: n for n, key in enumerate(keys, start=1)} for name, keys in mappe.SPALTEN.items()}
    goals = book["Ziele"]
    row = next(n for n in range(2, goals.max_row + 1) if _same(goals.cell(n, columns["Ziele"]["code"]).value, code))
    goals.cell(row, columns["Ziele"]["umsetzung"]).value = umsetzung
    history = book["Verlauf"]
    filled = [n for n in range(1, history.max_row + 1) if any(c.value is not None for c in history[n])]
    free = max(filled) + 1
    for key, value in ({"code": code} | entry).items():
        cell = history.cell(free, columns["Verlauf"][key])
        cell.value = value
        if isinstance(value, str):
            cell.data_type = "s"  # also a text that begins like a formula
    head = book["Katalog"]
    rows = {str(head.cell(n, 1).value).strip(): n for n in range(2, head.max_row + 1)}
    for name, day in dates.items():
        row = rows.get(name, head.max_row + 1)
        head.cell(row, 1).value, head.cell(row, 2).value = name, day
    written = io.BytesIO()
    book.save(written)
    lost = _parts(path.read_bytes()) - _parts(written.getvalue())
    if lost:
        raise InputError(f"{path}: {min(lost)} would be lost; change the workbook in Excel, or remove that part")
    return written.getvalue()


def _same(value, code: str) -> bool:
    return value is not None and str(value).strip() == code


def _parts(content: bytes) -> set[str]:
    """Parts of a workbook that hold content: pictures, text boxes, charts, macros, queries."""
    kept = (
        "media/",
        "drawings/drawing",
        "charts/",
        "vbaProject",
        "embeddings/",
        "externalLinks/",
        "pivot",
        "queryTables/",
        "slicers/",
    )
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name for name in archive.namelist() if any(part in name for part in kept)}
