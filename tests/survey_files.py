"""Small survey exports, written as the survey tools write them."""

from pathlib import Path

HEAD = """befragung:
  kreis: "99099"
  kurz: probe
  titel: Probebefragung
  jahr: 2023
  feldzeit: {von: 2023-08-21, bis: 2023-09-21}
  grundgesamtheit: Personen ab 18 Jahren mit Hauptwohnung im Musterkreis
"""

SOSCI_COLUMNS = [
    "CASE",
    "SERIAL",
    "REF",
    "QUESTNNR",
    "MODE",
    "STARTED",
    "RA01",
    "FM01",
    "FM01_01",
    "FM01_02",
    "FM01_09",
    "FM01_09a",
    "ZU01_01",
    "ZU01_02",
    "KI01",
    "KI02_01",
    "EK01",
    "OF01_01",
    "TIME001",
    "TIME_SUM",
    "MAILSENT",
    "LASTDATA",
    "FINISHED",
    "Q_VIEWER",
    "LASTPAGE",
    "MAXPAGE",
    "MISSING",
    "MISSREL",
    "TIME_RSI",
]
"""Columns of a raw export of SoSci Survey in their real order."""

SOSCI_ROWS = [
    {"CASE": 101, "SERIAL": "AB12", "REF": "", "QUESTNNR": "online", "MODE": "interview",
     "STARTED": "2023-08-21 10:00:00", "RA01": 1, "FM01": 2, "FM01_01": 1, "FM01_02": 2, "FM01_09": 2,
     "FM01_09a": "Freibad", "ZU01_01": 1, "ZU01_02": 5, "KI01": 1, "KI02_01": 2, "EK01": 3,
     "OF01_01": 'Mehr "Busse",\nbitte; danke'},
    {"CASE": 102, "SERIAL": "", "REF": "", "QUESTNNR": "papier", "MODE": "interview",
     "STARTED": "2023-08-22 11:00:00", "RA01": 2, "FM01": -1, "FM01_01": 1, "FM01_02": 1, "FM01_09": 1,
     "FM01_09a": "", "ZU01_01": -9, "ZU01_02": -1, "KI01": 2, "KI02_01": "", "EK01": -9, "OF01_01": ""},
    {"CASE": 103, "SERIAL": "", "REF": "", "QUESTNNR": "online", "MODE": "pretest",
     "STARTED": "2023-08-20 09:00:00", "RA01": 2, "FM01": 0, "FM01_01": 1, "FM01_02": 1, "FM01_09": 1,
     "FM01_09a": "", "ZU01_01": 4, "ZU01_02": 3, "KI01": 2, "KI02_01": "", "EK01": 1, "OF01_01": ""},
]  # fmt: skip
_AFTER = {"TIME001": 12, "TIME_SUM": 300, "MAILSENT": "", "LASTDATA": "2023-08-22 11:09:00", "FINISHED": 1,
          "Q_VIEWER": 0, "LASTPAGE": 5, "MAXPAGE": 5, "MISSING": 0, "MISSREL": 0, "TIME_RSI": 1.02}  # fmt: skip

SOSCI_VARIABLES = [
    ("CASE", "Interview-Nummer (fortlaufend)", "METRIC", "SYSTEM", ""),
    ("SERIAL", "Personenkennung oder Teilnahmecode (sofern verwendet)", "TEXT", "SYSTEM", ""),
    ("QUESTNNR", "Fragebogen, der im Interview verwendet wurde", "TEXT", "SYSTEM", ""),
    ("RA01", "Gemeinde", "NOMINAL", "SELECTION", "In welcher Gemeinde wohnen Sie?"),
    (
        "FM01",
        "Freizeit: Ausweichoption (negativ) oder Anzahl ausgewählter Optionen",
        "METRIC",
        "SYSTEM",
        "Was <b>fehlt</b>?",
    ),
    ("FM01_01", "Freizeit: Jugendclub", "DICHOTOMOUS", "CHECKBOX", "Was <b>fehlt</b>?"),
    ("FM01_02", "Freizeit: Vereine", "DICHOTOMOUS", "CHECKBOX", "Was <b>fehlt</b>?"),
    ("FM01_09", "Freizeit: Sonstiges", "DICHOTOMOUS", "CHECKBOX", "Was <b>fehlt</b>?"),
    ("FM01_09a", "Freizeit: Sonstiges (offene Eingabe)", "TEXT", "OPEN", "Was <b>fehlt</b>?"),
    ("ZU01_01", "Zufriedenheit: Wohnung", "ORDINAL", "SCALE", "Wie zufrieden sind Sie?"),
    ("ZU01_02", "Zufriedenheit: Arbeit", "ORDINAL", "SCALE", "Wie zufrieden sind Sie?"),
    ("KI01", "Kinder", "NOMINAL", "SELECTION", "Leben Kinder in Ihrem Haushalt?"),
    ("KI02_01", "Kinderzahl: [01]", "METRIC", "OPEN", "Wie viele?"),
    ("EK01", "Einkommen", "ORDINAL", "SELECTION", "Wie hoch ist das Einkommen des Haushalts?"),
    ("OF01_01", "Anmerkungen: [01]", "TEXT", "OPEN", "Möchten Sie noch etwas sagen?"),
]
_CHOSEN = {1: "nicht gewählt", 2: "ausgewählt"}
_ENDS = {1: "sehr unzufrieden", 5: "sehr zufrieden", -9: "nicht beantwortet"}
SOSCI_VALUES = {
    "RA01": {1: "Auental", 2: "Bergen", -9: "nicht beantwortet"},
    "FM01": {-1: "nichts davon"},
    "FM01_01": _CHOSEN,
    "FM01_02": _CHOSEN,
    "FM01_09": _CHOSEN,
    "ZU01_01": {**_ENDS, -1: "kann ich nicht beurteilen"},
    "ZU01_02": {**_ENDS, -1: "kann ich nicht beurteilen"},
    "KI01": {1: "ja", 2: "nein", -9: "nicht beantwortet"},
    "EK01": {1: "unter 500 €", 2: "500 bis unter 1.000 €", 3: "1.000 € und mehr", -9: "nicht beantwortet"},
}

SOSCI_YAML = (
    HEAD
    + """  format: sosci
  daten: rdata_probe.csv
  codebuch: {variablen: variables_probe.csv, werte: values_probe.csv}
  ziehung: {n: 8, unzustellbar: 1, je_raum: {"99099001": 5, "99099002": 3}}
  raum: {merkmal: RA01, schluessel: {1: "99099001", 2: "99099002"}}
  erhebungsart: {merkmal: QUESTNNR, werte: {online: Online, papier: Papier}}
  fragen:
    EK01: {typ: klasse, einheit: EUR je Monat, klassen: {1: [0, 500], 2: [500, 1000], 3: [1000, null]}}
    ZU01: {batterie: zufriedenheit}
    KI02: {filter: "KI01=1"}
  batterien: {zufriedenheit: Zufriedenheit mit den Lebensbereichen}
"""
)


def line(cells, separator: str = "\t") -> str:
    """A record as SoSci Survey writes it: numbers bare, texts in quotes."""
    return separator.join(
        str(c) if isinstance(c, int | float) else '"' + str(c).replace('"', '""') + '"' for c in cells
    )


def sosci(folder: Path, rows=None, variables=None, values=None, yaml=SOSCI_YAML, separator="\t", encoding="utf-8-sig",
          columns=None, end="\r\n", first=()) -> Path:  # fmt: skip
    """A whole export of SoSci Survey with its description; returns the description."""
    columns = columns or SOSCI_COLUMNS
    rows = [{**_AFTER, **row} for row in (SOSCI_ROWS if rows is None else rows)]
    empty = {name for name in columns if name not in ("SERIAL", "REF", "MAILSENT") and not name.endswith("a")}

    def cells(row):
        return [_Bare() if row.get(n, "") == "" and n in empty else row.get(n, "") for n in columns]

    values = SOSCI_VALUES if values is None else values
    codes = [(name, code, text) for name, meanings in values.items() for code, text in meanings.items()]
    tables = {
        "rdata_probe.csv": [columns, *first, *map(cells, rows)],
        "variables_probe.csv": [("VAR", "LABEL", "TYPE", "INPUT", "QUESTION"), *(variables or SOSCI_VARIABLES)],
        "values_probe.csv": [("VAR", "RESPONSE", "MEANING"), *codes],
    }
    for name, records in tables.items():
        text = end.join([*(line(record, separator) for record in records), ""])
        (folder / name).write_bytes(text.encode(encoding))
    path = folder / "befragung.yaml"
    path.write_text(yaml, encoding="utf-8")
    return path


class _Bare(int):
    """An empty cell without quotes."""

    def __str__(self) -> str:
        return ""


LIME_QUESTIONS = [
    # code, type, text, relevance, other, subquestions, answers
    ("G1", "L", "In welcher Gemeinde wohnen Sie?", "1", "Y", [], [("A1", "Auental"), ("A2", "Bergen")]),
    ("K1", "Y", "Leben Kinder in Ihrem Haushalt?", "1", "N", [], []),
    ("K2", "N", "Wie viele Kinder?", '((K1.NAOK == "Y"))', "N", [], []),
    ("F1", "M", "<p>Was fehlt&nbsp;Ihnen?</p>", "1", "Y", [("SQ001", "Jugendclub"), ("SQ002", "Vereine")], []),
    ("Z1", "F", "Wie zufrieden sind Sie?", "1", "N", [("SQ001", "mit der Wohnung"), ("SQ002", "mit der Arbeit")],
     [("1", "unzufrieden"), ("2", "teils"), ("3", "zufrieden")]),
    ("A1", "5", "Wie gut ist Ihr Ort?", 'count(F1_SQ001, F1_SQ002) > 1', "N", [], []),
    ("T1", "T", "Möchten Sie noch etwas sagen?", "1", "N", [], []),
]  # fmt: skip

LIME_CODES = ["id", "submitdate", "lastpage", "startlanguage", "seed", "token", "startdate", "datestamp", "ipaddr",
              "refurl", "G1", "G1[other]", "K1", "K2", "F1[SQ001]", "F1[SQ002]", "F1[other]", "Z1[SQ001]",
              "Z1[SQ002]", "A1", "T1", "interviewtime", "groupTime12", "G1Time"]  # fmt: skip
LIME_ROWS = [
    ["1", "2023-08-21 10:09:00", "5", "de", "123", "tok1", "2023-08-21 10:00:00", "2023-08-21 10:09:00", "10.0.0.1", "",
     "A1", "", "Y", "2", "Y", "", "Freibad", "1", "3", "5", "Zeile 1\nZeile 2; mit \"Zitat\"", "540.2", "12", "3"],
    ["2", "2023-08-22 10:09:00", "5", "de", "124", "tok2", "2023-08-22 10:00:00", "2023-08-22 10:09:00", "10.0.0.2", "",
     "-oth-", "Anderswo", "N", "", "", "", "", "", "2", "", "", "540", "12", "3"],
    ["3", "", "2", "de", "125", "tok3", "2023-08-23 10:00:00", "2023-08-23 10:01:00", "10.0.0.3", "",
     "A2", "", "Y", "", "", "Y", "", "", "", "", "", "60", "12", "3"],
]  # fmt: skip

LIME_YAML = (
    HEAD
    + """  format: limesurvey
  daten: results-survey123456.csv
  codebuch: {struktur: survey.lss}
"""
)


def limesurvey(folder: Path, headings=None, rows=None, questions=None, yaml=LIME_YAML, separator=",", structure="neu"):
    """A whole export of LimeSurvey with its structure (`neu`, `alt`: XML of versions 4 and 3; `text`)."""
    records = [headings or LIME_CODES, *(LIME_ROWS if rows is None else rows)]
    text = "".join(separator.join('"' + cell.replace('"', '""') + '"' for cell in r) + "\r\n" for r in records)
    (folder / "results-survey123456.csv").write_bytes(b"\xef\xbb\xbf" + (text + "\r\n").encode())
    questions = questions or LIME_QUESTIONS
    if structure == "text":
        content = _lime_text(questions)
        yaml = yaml.replace("survey.lss", "survey.txt")
    else:
        content = _lime_xml(questions, structure == "neu")
    (folder / ("survey.txt" if structure == "text" else "survey.lss")).write_text(content, encoding="utf-8")
    path = folder / "befragung.yaml"
    path.write_text(yaml, encoding="utf-8")
    return path


def _lime_xml(questions, new: bool) -> str:
    tables = {name: [] for name in ("questions", "subquestions", "answers", "question_l10ns", "answer_l10ns", "groups")}
    number = 0
    for order, (code, kind, text, relevance, other, subquestions, answers) in enumerate(questions, start=1):
        qid, language = str(order * 100), {} if new else {"language": "de"}
        own = {"qid": qid, "parent_qid": "0", "gid": "7", "type": kind, "title": code, "other": other,
               "question_order": str(order), "relevance": relevance}  # fmt: skip
        tables["questions"].append(own | (language if new else {"question": text, **language}))
        tables["question_l10ns"].append({"qid": qid, "question": text, "language": "de"})
        for position, (sub, label) in enumerate(subquestions, start=1):
            sid = str(order * 100 + position)
            entry = {"qid": sid, "parent_qid": qid, "title": sub, "question_order": str(position), "scale_id": "0"}
            tables["subquestions"].append(entry | ({} if new else {"question": label, **language}))
            tables["question_l10ns"].append({"qid": sid, "question": label, "language": "de"})
        for position, (answer, label) in enumerate(answers, start=1):
            number += 1
            entry = {"aid": str(number), "qid": qid, "code": answer, "sortorder": str(position), "scale_id": "0"}
            tables["answers"].append(entry | ({} if new else {"answer": label, **language}))
            tables["answer_l10ns"].append({"aid": str(number), "answer": label, "language": "de"})
    tables["groups"] = [{"gid": "7", "group_order": "1"}]
    if not new:
        tables["question_l10ns"] = tables["answer_l10ns"] = []

    def rows(records):
        cells = "".join(
            "<row>" + "".join(f"<{key}><![CDATA[{value}]]></{key}>" for key, value in record.items()) + "</row>"
            for record in records
        )
        return f"<rows>{cells}</rows>"

    body = "".join(f"<{name}>{rows(records)}</{name}>" for name, records in tables.items())
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<document><LimeSurveyDocType>Survey</LimeSurveyDocType>'
        f"<DBVersion>{415 if new else 363}</DBVersion><languages><language>de</language></languages>{body}</document>"
    )


def _lime_text(questions) -> str:
    header = ["id", "class", "type/scale", "name", "relevance", "text", "help", "language", "other"]
    rows = [header, ["", "S", "", "language", "1", "de", "", "", ""], ["1", "G", "G0", "Teil", "1", "", "", "de", ""]]
    for code, kind, text, relevance, other, subquestions, answers in questions:
        rows.append(["1", "Q", kind, code, relevance.replace('"', "'"), text, "", "de", other])
        rows += [["1", "SQ", "0", sub, "1", label, "", "de", ""] for sub, label in subquestions]
        rows += [["1", "A", "0", answer, "0", label, "", "de", ""] for answer, label in answers]
    return "\ufeff" + "".join("\t".join(row) + "\n" for row in rows)
