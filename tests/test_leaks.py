"""Nothing of the machine or of the making is in what circulates, not even inside pictures and packed files."""

import base64
import csv
import getpass
import html
import io
import json
import os
import platform
import re
import tempfile
import zipfile
import zlib
from pathlib import Path

import pytest
from conftest import ROOT

from analysis.outputs import MIME

WORDS = ["papermill", "ipykernel", "kernelspec", "site-packages", "injected-parameters", "traceback",
         "nbconvert", "__pycache__", "file://"]  # fmt: skip
PATHS = re.compile(rb"(?<![\w/.:<])(/(?:home|root|tmp|usr|var|opt|mnt|work|Users|private)/[\w.-]+)|\b[A-Z]:\\\w+")


def parts(content: bytes, name: str):
    """Content of a file and of everything that is packed into it: base64, texts of pictures, members of zip files."""
    yield name, content
    if content.startswith(b"\x89PNG"):
        for kind, data in chunks(content):
            text = data
            if kind == b"zTXt":
                text = zlib.decompress(data.partition(b"\0")[2][1:])
            if kind == b"iTXt" and data.partition(b"\0")[2][:1] == b"\1":
                text = zlib.decompress(data.split(b"\0", 2)[2].split(b"\0", 2)[2])
            if kind not in (b"IDAT", b"PLTE"):
                yield f"{name}: {kind.decode()}", text
    elif zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for member in archive.namelist():
                yield from parts(member.encode() + b"\n" + archive.read(member), f"{name}: {member}")
    else:
        for n, found in enumerate(re.findall(rb"base64,([A-Za-z0-9+/=\s]+)", content)):
            yield from parts(base64.b64decode(found), f"{name}: embedded {n}")


def chunks(png: bytes):
    place = 8
    while place < len(png):
        length = int.from_bytes(png[place : place + 4])
        yield png[place + 4 : place + 8], png[place + 8 : place + 8 + length]
        place += length + 12


def leaks(content: bytes, name: str, further: list[str] = ()) -> list[tuple[str, str]]:
    """Place and text of everything that speaks of a machine, a user or the making."""
    found = []
    for place, part in parts(content, name):
        if part.startswith(b"\x89PNG"):
            continue  # its texts come as parts of their own; the rest is compressed
        if zipfile.is_zipfile(io.BytesIO(part)):
            continue  # its members come as parts of their own
        visible = re.sub(rb"<style>.*?</style>|base64,[A-Za-z0-9+/=\s]+", b"", part, flags=re.S)
        found += [(place, match.group().decode()) for match in PATHS.finditer(visible)]
        tools = ["matplotlib"] if ": iTXt" in place or ": tEXt" in place or ": zTXt" in place else []
        for word in [*WORDS, *tools, *further]:
            if re.search(rb"(?<!\w)" + re.escape(word.encode()) + rb"(?!\w)", visible, flags=re.I):
                found.append((place, word))
    return found


@pytest.fixture(scope="module")
def of_this_machine() -> list[str]:
    """Names of this user, this machine, and folders of this run."""
    names = [getpass.getuser(), platform.node(), str(ROOT), str(Path.home()), tempfile.gettempdir(), os.getcwd()]
    return [name for name in names if len(name) > 2]


def test_nothing_leaks_from_any_page_or_picture(full_run, of_this_machine):
    found, read = [], 0
    pages = [path for kind in ("html", "xlsx", "ics") for path in (full_run / "output").rglob(f"*.{kind}")]
    for path in [*pages, *(full_run / "figures").rglob("*.png")]:
        found += leaks(path.read_bytes(), path.name, [*of_this_machine, str(full_run)])
        read += 1
    assert found == [] and read > 100


def test_no_answer_in_own_words_and_no_number_of_an_interview_leaves_the_micro_data(full_run):
    """Also not in the executed notebook and in the workbooks inside it; what goals say may stand in their report."""
    survey = full_run / "data" / "musterkreis" / "befragung"
    with (survey / "rdata_musterkreis_2023.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    said = {row[c].strip() for row in rows for c in row if c.startswith("OF") or c.endswith("a")} - {""}
    asked = "".join(p.read_text(encoding="utf-8-sig") for p in survey.glob("va*.csv"))  # words of the questionnaire
    canaries = {text for text in said if len(text) > 12 and text not in asked} | {row["SERIAL"] for row in rows} - {""}
    assert len(canaries) > 200
    folder = full_run / "output" / "99099_musterkreis_erfunden"
    others = [p.read_bytes() for p in folder.iterdir() if not p.name.startswith("04_")]
    contents = [p.read_bytes() for p in folder.glob("04_*")]
    notebook = json.loads((folder / "04_sozialbefragung.ipynb").read_text(encoding="utf-8"))
    shown = [o["data"] for c in notebook["cells"] for o in c.get("outputs", [])]
    packed = [data[MIME]["datei"] for data in shown if "datei" in data[MIME]] + [
        data["image/png"] for data in shown if "image/png" in data
    ]
    assert len(packed) >= 3
    contents += [base64.b64decode(text) for text in packed]
    of_survey, elsewhere = _unpacked(contents), _unpacked(others)
    assert [text for text in canaries if text in of_survey] == [] and "Bus und Bahn" in of_survey
    catalogues = [p for p in (full_run / "data").rglob("*.yaml") if "ziele" in f"{p.parent.name} {p.name}"]
    goals = "".join(p.read_text(encoding="utf-8") for p in catalogues)
    assert [text for text in canaries if text in elsewhere and text not in goals] == []


def _unpacked(contents: list[bytes]) -> str:
    everything = b"\n".join(part for n, content in enumerate(contents) for _, part in parts(content, str(n)))
    return html.unescape(everything.decode("utf-8", "replace"))


def with_text(png: bytes, kind: bytes, data: bytes) -> bytes:
    chunk = len(data).to_bytes(4) + kind + data + zlib.crc32(kind + data).to_bytes(4)
    return png[:33] + chunk + png[33:]


def packed(text: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/meta.xml", f"<a>{text}</a>")
    return out.getvalue()


@pytest.mark.parametrize("text", ["/home/anna/daten.csv", "C:\\Users\\anna", "papermill", "anna"])
@pytest.mark.parametrize(
    "way", ["text", "picture", "packed picture text", "international picture text", "zip", "plain"]
)
def test_a_planted_word_is_found_wherever_it_is(full_run, text, way):
    png = next((full_run / "figures").rglob("*.png")).read_bytes()
    hidden = {
        "text": text.encode(),
        "picture": with_text(png, b"tEXt", b"Software\0" + text.encode()),
        "packed picture text": with_text(png, b"zTXt", b"Comment\0\0" + zlib.compress(text.encode())),
        "international picture text": with_text(png, b"iTXt", b"Title\0\1\0\0\0" + zlib.compress(text.encode())),
        "zip": packed(text),
        "plain": b"",
    }[way]
    page = b'<p>Text</p><img src="data:image/png;base64,' + base64.b64encode(hidden) + b'">'
    if way == "plain":
        page += text.encode()
    assert leaks(page, "seite.html", ["anna"])
    assert not leaks(b'<p>Text</p><img src="data:image/png;base64,' + base64.b64encode(png) + b'">', "s", ["anna"])
