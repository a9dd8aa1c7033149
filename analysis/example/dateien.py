"""Files whose bytes depend on nothing but their content: workbooks, ZIPs, CSV, YAML.

ZIPs are stored uncompressed, because compression libraries differ between machines; times in them are fixed.
"""

import io
import re
import zipfile
from dataclasses import dataclass, field
from xml.etree.ElementTree import canonicalize

import openpyxl
import yaml

_ZEIT = (2025, 1, 15, 8, 0, 0)
_CORE = (
    '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><dc:creator>Musterkreis (erfunden)</dc:creator>'
    '<dcterms:created xsi:type="dcterms:W3CDTF">2025-01-15T08:00:00Z</dcterms:created></cp:coreProperties>'
)
_STYLES = (
    '<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><fonts count="1"><font/></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    '</fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="1"><xf/>'
    '</cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)


@dataclass(frozen=True)
class Blatt:
    """A worksheet to be written: rows of text, int, float or None; merged ranges such as `A1:C1`."""

    name: str
    zeilen: list[list]
    verbunden: list[str] = field(default_factory=list)


def arbeitsmappe(blaetter: list[Blatt]) -> bytes:
    """Excel workbook (.xlsx)."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for blatt in blaetter:
        sheet = book.create_sheet(blatt.name)
        for row in blatt.zeilen:
            sheet.append(row)
        for cells in blatt.verbunden:
            sheet.merge_cells(cells)
    written = io.BytesIO()
    book.save(written)
    with zipfile.ZipFile(written) as archive:
        parts = {name: archive.read(name).decode("utf-8") for name in archive.namelist()}
    parts |= {"docProps/core.xml": _CORE, "xl/styles.xml": _STYLES}  # no cell has a format of its own
    del parts["xl/theme/theme1.xml"]  # colours that nobody uses, larger than most of the tables
    for name in ("[Content_Types].xml", "xl/_rels/workbook.xml.rels"):
        parts[name] = re.sub(r"<(Override|Relationship)\b[^>]*theme1\.xml[^>]*/>", "", parts[name])
    for name in (n for n in parts if n.startswith("xl/worksheets/")):
        parts[name] = parts[name].replace(' t="n"', "")  # what a cell is anyway
    # the writer's XML differs with the XML library that is installed; its canonical form does not
    return archiv({name: canonicalize(parts[name]).encode("utf-8") for name in sorted(parts)})


def archiv(inhalt: dict[str, bytes]) -> bytes:
    """ZIP of files in the given order."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_STORED) as archive:
        for name, content in inhalt.items():
            member = zipfile.ZipInfo(name, _ZEIT)
            member.create_system, member.external_attr = 3, 0o644 << 16
            archive.writestr(member, content)
    return written.getvalue()


def text(zeilen: list, kodierung: str = "utf-8", ende: str = "\r\n") -> bytes:
    """Lines as a text file; `utf-8-sig` and `utf-16` begin with a byte order mark."""
    content = "".join(f"{zeile}{ende}" for zeile in zeilen)
    if kodierung == "utf-16":
        return b"\xff\xfe" + content.encode("utf-16-le")
    return content.encode(kodierung)


def yaml_datei(inhalt: dict, kopf: str) -> bytes:
    """YAML file with a comment above; keys in the given order."""
    body = yaml.dump(inhalt, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=110)
    return f"# {kopf}\n{body}".encode()


class _Dumper(yaml.SafeDumper):
    """Safe dumper that writes the same part twice instead of as an anchor."""

    def ignore_aliases(self, data) -> bool:
        return True


def komma(wert: float, stellen: int) -> str:
    """Number with decimal comma: 12,50."""
    return f"{wert:.{stellen}f}".replace(".", ",")
