"""What a workbook must not hold: hidden sheets, rows and columns, kept values of formulas, comments, authors, links."""

import html
import re
from collections.abc import Iterator

from analysis.release.fund import Fund
from analysis.release.suche import BLOCK
from analysis.release.teile import Teil

VERFASSER = ("", "Kreisblick")
"""Authors that a workbook of a report names."""

_ERLAUBT = re.compile(
    r"\[Content_Types\]\.xml|_rels/\.rels|docProps/(?:app|core)\.xml|xl/(?:workbook|styles|sharedStrings)\.xml"
    r"|xl/theme/theme\d+\.xml|xl/worksheets/sheet\d+\.xml|xl/(?:worksheets/)?_rels/[\w.]+\.rels|xl/tables/table\d+\.xml"
    r"|xl/metadata\.xml|xl/drawings/(?:_rels/)?drawing\d+\.xml(?:\.rels)?|xl/media/image\d+\.png"
)
_WAS = {
    "comments": "comments", "threadedComments": "comments", "persons": "names of persons", "vbaProject": "a macro",
    "externalLinks": "links to other workbooks", "embeddings": "an embedded file", "pivotCache": "data of a pivot",
    "customXml": "further data", "custom.xml": "further properties", "connections": "a connection to data",
    "printerSettings": "the name of a printer", "vmlDrawing": "a drawing of comments", "queryTables": "a query",
}  # fmt: skip
_MERKMALE = {
    "xl/workbook.xml": [
        (r'<sheet\b[^>]*\bstate="(?:hidden|veryHidden)"', "a hidden sheet"),
        (r'<definedName\b[^>]*\bhidden="(?:1|true)"', "a hidden name"),
        (r"absPath\b", "a path (absPath)"),
        (r'<fileSharing\b[^>]*userName="[^"]+"', "the name of a user"),
    ],
    "xl/worksheets/": [
        (r'<row\b[^>]*\b(?:hidden|zeroHeight)="(?:1|true)"|<row\b[^>]*\bht="0(?:\.0+)?"', "a hidden row"),
        (r'<col\b[^>]*\bhidden="(?:1|true)"|<col\b[^>]*\bwidth="0(?:\.0+)?"', "a hidden column"),
        (r'<sheetFormatPr\b[^>]*\bzeroHeight="(?:1|true)"', "hidden rows"),
        (r"<f[ >/]", "a formula with a kept value"),
        (r"<(?:legacyDrawing|oleObjects|controls|webPublishItems)\b", "an embedded object or comment"),
    ],
    "xl/styles.xml": [(r'formatCode="(?:&quot;&quot;)?;(?:&quot;&quot;)?;[^"0#]*"', "a format that hides values")],
}


def check(members: list[Teil], stelle: str) -> Iterator[Fund]:
    """Findings in the members of a workbook; the text of its cells is looked at elsewhere."""
    names = {t.stelle.removeprefix(f"{stelle}, "): t for t in members}
    if "xl/workbook.xml" not in names:
        yield Fund(stelle, "a packed file that is no workbook")
    for name, member in names.items():
        place = f"{stelle}, {name}"
        if not _ERLAUBT.fullmatch(name):
            yield Fund(place, next((what for key, what in _WAS.items() if key in name), "a part that no report has"))
        for begin, patterns in _MERKMALE.items():
            if name.startswith(begin) and name.endswith(".xml"):
                text = member.text
                yield from (Fund(place, what) for pattern, what in patterns if re.search(pattern, text))
        if name.endswith(".rels"):
            yield from _relations(member.text, place)
        if name.startswith("docProps/"):
            yield from _properties(member.text, place)
    formats = _decimals(names["xl/styles.xml"].text) if "xl/styles.xml" in names else []
    for name, member in names.items():
        if name.startswith("xl/worksheets/") and (cell := _more_digits(member.text, formats)):
            yield Fund(f"{stelle}, {name}", f"a value with more digits than it shows ({cell})")


def _decimals(styles: str) -> list[int | None]:
    """Decimals that each cell format shows of a number; None where all of them may be seen."""
    return [_shown_decimals(code) for code in _codes(styles)]


def _codes(styles: str) -> list[str]:
    """Number format of each cell format."""
    own = dict(re.findall(r'<numFmt numFmtId="(\d+)" formatCode="([^"]*)"', styles))
    codes = {"1": "0", "2": "0.00", "3": "#,##0", "4": "#,##0.00", "9": "0%", "10": "0.00%"} | own
    listed = re.search(r"<cellXfs\b.*?</cellXfs>", styles, re.S)
    ids = re.findall(r'<xf\b[^>]*?numFmtId="(\d+)"', listed[0]) if listed else []
    return [codes.get(id, "") for id in ids]


def _shown_decimals(code: str) -> int | None:
    bare = re.sub(r"&quot;.*?&quot;|\\.|\[[^\]]*\]", "", code).partition(";")[0]
    if not re.search("[0#]", bare):
        return None
    digits = re.search(r"\.([0#?]+)", bare)
    return (len(digits[1]) if digits else 0) + 2 * bare.count("%")


def _more_digits(sheet: str, formats: list[int | None]) -> str:
    """First cell whose number has digits that its format does not show."""
    for cell in _ZAHLZELLE.finditer(sheet):
        style, (_, _, behind) = int(cell["stil"] or 0), cell["wert"].partition(".")
        shown = formats[style] if style < len(formats) else None
        number = float(cell["wert"])
        if shown is not None and behind and abs(round(number, shown) - number) > 1e-9 * max(1, abs(number)):
            return cell["zelle"]
    return ""


_ZAHLZELLE = re.compile(
    r'<c r="(?P<zelle>[A-Z]+\d+)"(?: s="(?P<stil>\d+)")?(?: t="n")?>\s*<v>(?P<wert>-?[\d.]+(?:[eE][+-]?\d+)?)</v>'
)


def lines(members: list[Teil], stelle: str) -> str:
    """Rows of all sheets as lines, cells parted by tabs, numbers as they are shown in German, without their units.

    A row of a single cell says what the next rows are about, as the title of a table does.
    """
    named = {t.stelle.removeprefix(f"{stelle}, "): t.text for t in members}
    texts = [
        html.unescape("".join(re.findall(r"<t\b[^>]*>([^<]*)</t>", item)))
        for item in re.findall(r"<si>(.*?)</si>", named.get("xl/sharedStrings.xml", ""), re.S)
    ]
    styles = named.get("xl/styles.xml", "")
    formats, codes = _decimals(styles), _codes(styles)
    found = []
    for name in sorted(n for n in named if n.startswith("xl/worksheets/sheet")):
        for row in re.findall(r"<row\b.*?</row>", named[name], re.S):
            cells = [
                _shown(match, texts, formats, codes)
                for match in re.finditer(r"<c\b([^>]*)>.*?<v>([^<]*)</v>|<t\b[^>]*>([^<]*)</t>", row)
            ]
            found.append(("" if len(cells) > 1 else BLOCK) + "\t".join(cells))
    return "\n".join(found)


def _shown(match: re.Match, texts: list[str], formats: list[int | None], codes: list[str]) -> str:
    attributes, value, inline = match.groups()
    if inline is not None:
        return html.unescape(inline)
    if 't="s"' in attributes:
        return texts[int(value)] if value.isdigit() and int(value) < len(texts) else ""
    style = re.search(r'\bs="(\d+)"', attributes)
    number = int(style[1]) if style else 0
    decimals = formats[number] if number < len(formats) else None
    try:
        amount = float(value)
    except ValueError:
        return html.unescape(value)
    if decimals is None:
        return value
    percent = "%" in codes[number]
    text = f"{amount * 100 if percent else amount:,.{decimals - 2 if percent else decimals}f}"
    return text.translate(str.maketrans(",.", ".,")) + ("\u00a0%" if percent else "")


def _relations(text: str, place: str) -> Iterator[Fund]:
    for tag in re.findall(r"<Relationship\b[^>]*>", text):
        target = re.search(r'Target="([^"]*)"', tag)
        outside = 'TargetMode="External"' in tag
        if outside and not re.match(r"(?:https?://|mailto:)", target[1] if target else ""):
            yield Fund(place, "a link to a file elsewhere")
        elif outside and not tag.count("/hyperlink"):
            yield Fund(place, "an external reference")


def _properties(text: str, place: str) -> Iterator[Fund]:
    for name in ("creator", "lastModifiedBy", "Manager", "Company", "HyperlinkBase", "keywords", "description"):
        for said in re.findall(rf"<(?:\w+:)?{name}\b[^>]*>([^<]*)<", text):
            if said.strip() not in VERFASSER:
                yield Fund(place, f"a property of the file ({name})")
