"""The index page over all reports and that of each Kreis: states, links, groups, sizes."""

import re
from urllib.parse import unquote

import pytest
from manifest_made import ZEIT, blocked, entry, five_reports, four_hundred_kreise
from PIL import Image

from analysis import regions, workspace
from analysis.report import eintraege
from analysis.report.eintraege import anzeige
from analysis.report.index import write_index


@pytest.fixture
def page(tmp_path):
    """Write the index over these reports, whose files are there, and return the main page."""

    def make(*berichte, nicht_moeglich=(), files=True):
        for file in [f for b in berichte for f in b["dateien"]] if files else []:
            (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / file).write_text("x")
        manifest = {"lauf": {"zeit": ZEIT}, "berichte": list(berichte), "nicht_moeglich": list(nicht_moeglich)}
        write_index(tmp_path / "index.html", manifest)
        return (tmp_path / "index.html").read_text(encoding="utf-8")

    return make


def section(html: str, name: str) -> str:
    return html.split(f'<section aria-labelledby="{name}"')[1].split("</section>")[0]


def links(html: str) -> list[str]:
    return re.findall(r'href="([^"#]+)"', html)


def test_kreise_stand_by_land_and_by_the_alphabet_in_german_order(page):
    html = page(entry("16077"), entry("16068"), entry("99099"), entry("16065"), entry("16053"))
    by_land = section(html, "laender")
    assert re.findall(r"<h3[^>]*>([^<]+)<", by_land) == ["Thüringen", "Musterland (erfunden)"]
    order = ["Altenburger Land", "Jena", "Kyffhäuserkreis", "Sömmerda", "Musterkreis (erfunden)"]
    assert re.findall(r'class="kreis"><a href="[^"]+">([^<]+)<', by_land) == order
    assert re.findall(r'<a href="[^"]+">([^<]+)<', section(html, "alphabet")) == order[:3] + order[:2:-1]
    assert by_land.count("kreisfreie Stadt") == 1  # Jena
    assert "5 Berichte für 5 Kreise" in html and "01.03.2026, 09:05 Uhr" in html


def test_each_report_has_state_date_and_the_files_that_are_there(page):
    html = page(
        entry("16077", endings=("html", "ipynb", "xlsx", "pdf")),
        {**entry("16077", notebook="02_x", titel="Trends"), "dateien": {"../figures/16077/b.png": "0" * 64}},
        entry("16070", "zeitlimit"),
        files=True,
    )
    by_land = section(html, "laender")
    assert links(by_land) == [
        "16077_altenburger_land/index.html",
        "16077_altenburger_land/01_test.html",
        "16077_altenburger_land/01_test.pdf",
        "16077_altenburger_land/01_test.xlsx",
        "16070_ilm_kreis/index.html",
    ]
    assert "erstellt am 03.02.2026, 04:05 Uhr" in by_land and "Tabellen (XLSX)" in by_land
    assert "Trends: <strong>nicht vorhanden</strong>" in by_land and "ist nicht mehr da" in by_land
    assert "Steckbrief: <strong>nicht erstellt</strong>" in by_land and "dauerte zu lange" in by_land
    assert re.findall(r"<td[^>]*>(\d+)</td>", section(html, "ueberblick")) == ["1", "1", "0", "1", "1", "2"]


def test_reports_of_areas_stand_on_the_page_of_their_kreis_and_are_counted_on_the_main_page(page, tmp_path):
    html = page(
        entry("16077"),
        entry("16077", titel="Steckbrief Schmölln", raum="16077044"),
        entry("16077", titel="Steckbrief Ärmelstadt", raum="16077.nord"),
        entry("16077", "zeitlimit", titel="Steckbrief Lödla", raum="16077028"),
        entry("16070", titel="Steckbrief Arnstadt", raum="16070004"),
    )
    by_land = section(html, "laender")
    assert "01_test-nord" not in html and by_land.count('#raeume"') == 2 and "4 Berichte für 2 Kreise" in html
    assert "2 Berichte über Gemeinden und Planungsräume" in by_land
    assert "Steckbrief Lödla" in section(html, "fehler") and "1 Bericht nicht erstellt" in html
    numbers = re.findall(r"<td[^>]*>(\d+)</td>", section(html, "ueberblick"))
    assert numbers == ["1", "0", "3", "1", "4", "1"]
    own = (tmp_path / "16077_altenburger_land" / "index.html").read_text(encoding="utf-8")
    assert links(section(own, "berichte")) == ["01_test.html"]
    assert links(section(own, "raeume")) == ["01_test-nord.html", "01_test-16077044.html"]
    assert (tmp_path / "16070_ilm_kreis" / "index.html").exists()


def test_a_report_whose_file_is_gone_is_not_linked(page):
    html = page(entry("16077"), files=False)
    assert links(html.split("<main")[1]) == ["16077_altenburger_land/index.html"] * 3
    assert "0 Berichte für 0 Kreise; 1 Bericht nicht erstellt" in html


def test_all_kreise_of_one_report_stand_in_one_list(page):
    second = {"notebook": "02_trends", "titel": "Indikatortrends"}
    html = page(entry("16077"), entry("16070"), entry("16077", **second), nicht_moeglich=[blocked("16070", **second)])
    groups = section(html, "arten").split("<details")[1:]
    assert [re.search(r"<summary>([^<]+)<", g).group(1) for g in groups] == [
        "Steckbrief (2 Kreise)",
        "Indikatortrends (2 Kreise)",
    ]
    assert links(groups[1]) == ["16077_altenburger_land/02_trends.html"]
    assert "Ilm-Kreis: <strong>nicht erstellt</strong>" in groups[1]


def test_a_failure_is_named_with_its_reason_and_without_technical_details(page):
    failed = entry("16070", "fehlgeschlagen", "cell 3: FileNotFoundError: /home/anna/daten.csv")
    late = entry("16077", "zeitlimit", "the limit of 5 s was reached")
    html = page(entry("16053"), failed, late, nicht_moeglich=[blocked("16061"), blocked("16062")])
    assert "1 Bericht für 1 Kreis; 4 Berichte nicht erstellt" in html
    reasons = [" ".join(t.split()) for t in re.findall(r"<d[td]>(.*?)</d[td]>", section(html, "fehler"), re.S)]
    assert [re.sub("<[^>]+>", "", text).strip() for text in reasons] == [
        "Steckbrief: Das Erstellen dauerte zu lange und wurde abgebrochen.",
        "Altenburger Land",
        "Steckbrief: Es fehlen Daten: Bevölkerung.",
        "Eichsfeld, Nordhausen",
        "Steckbrief: Beim Erstellen ist ein Fehler aufgetreten.",
        "Ilm-Kreis",
    ]
    assert "anna" not in html and "FileNotFoundError" not in html and ".ipynb" not in html


def test_each_kreis_has_a_page_with_its_reports_and_a_way_back(page, tmp_path):
    page(entry("16077", endings=("html", "pdf")), nicht_moeglich=[blocked("16061", zeit=ZEIT)])
    own = (tmp_path / "16077_altenburger_land" / "index.html").read_text(encoding="utf-8")
    assert links(own) == ["../index.html", "01_test.html", "01_test.pdf"]
    assert "<h1>Landkreis Altenburger Land</h1>" in own and "erstellt am 03.02.2026, 04:05 Uhr" in own
    assert "01.03.2026" not in own  # no time of the run
    other = (tmp_path / "16061_eichsfeld" / "index.html").read_text(encoding="utf-8")
    assert links(other) == ["../index.html"]
    assert "nicht erstellt</strong>" in other and "(01.03.2026, 09:05 Uhr)" in other and "Es fehlen Daten" in other


def test_a_kreis_without_any_report_keeps_no_page(page, tmp_path):
    page(entry("16077"), entry("16070"))
    page(entry("16077"))
    assert [p.parent.name for p in tmp_path.glob("*/index.html")] == ["16077_altenburger_land"]


def test_the_page_of_a_kreis_has_its_design_and_the_main_page_none(page, tmp_path, monkeypatch):
    folder = tmp_path / "g"
    folder.mkdir()
    monkeypatch.setattr(workspace, "gestaltung", lambda: folder)
    Image.new("RGB", (9, 9)).save(folder / "l.png")
    (folder / "16077.yaml").write_text(
        "name: Landratsamt Altenburger Land\nlogo: l.png\nlogo_alternativtext: Wappen des Kreises mit einem Löwen\n"
        'farben: {haupt: "#0b5345"}\nimpressum: [Wir.]\n',
        encoding="utf-8",
    )
    html = page(entry("16077"), entry("16070"))
    own = (tmp_path / "16077_altenburger_land" / "index.html").read_text(encoding="utf-8")
    other = (tmp_path / "16070_ilm_kreis" / "index.html").read_text(encoding="utf-8")
    assert "--haupt: #0b5345" in own and "data:image/png" in own and ">Impressum<" in own
    for neutral in (html, other):
        assert "#0b5345" not in neutral and "<img" not in neutral and "Impressum" not in neutral


def test_a_broken_design_of_a_kreis_that_did_not_run_is_told_and_stops_nothing(page, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(workspace, "gestaltung", lambda: tmp_path)
    (tmp_path / "16077.yaml").write_text("falsch: 1", encoding="utf-8")
    page(entry("16077"))
    assert "16077.yaml" in capsys.readouterr().err
    assert (tmp_path / "16077_altenburger_land" / "index.html").exists()


def test_links_are_relative_encoded_and_lead_only_into_the_folder(page, tmp_path):
    odd = entry("16077", notebook='01_über "alles" #1 100%?')
    away = {**entry("16070"), "dateien": {"/etc/hostname": "0" * 64, "../aussen.html": "0" * 64}}
    (tmp_path.parent / "aussen.html").write_text("x")
    html = page(odd) and page(odd, away, files=False)
    found = set(links(html.split("<main")[1]))
    assert found == {
        "16077_altenburger_land/index.html",
        "16070_ilm_kreis/index.html",
        "16077_altenburger_land/01_%C3%BCber%20%22alles%22%20%231%20100%25%3F.html",
    }
    assert all((tmp_path / unquote(link)).is_file() for link in found)


def test_a_page_that_did_not_change_is_not_written_again(page, tmp_path):
    page(entry("16077"))
    own = tmp_path / "16077_altenburger_land" / "index.html"
    before = own.stat()
    page(entry("16077"))
    assert (own.stat().st_ino, own.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert not list(tmp_path.rglob("*.teil"))


def test_texts_are_escaped(page):
    html = page(nicht_moeglich=[blocked("16061", "</dd><b>", titel="<script>alert(1)</script>")])
    assert "<script" not in html and "</dd><b>" not in html


def test_kreis_and_stadt_of_one_name_are_told_apart(many):
    two = [ags for ags in many if regions.name(ags) == "Kreis 001"]
    assert [anzeige(ags) for ags in two] == ["Stadt Kreis 001", "Landkreis Kreis 001"]
    assert anzeige("16077") == "Altenburger Land"


@pytest.fixture
def many(monkeypatch):
    return four_hundred_kreise(monkeypatch)


def test_four_hundred_kreise_with_five_reports_each_stay_usable(many, page):
    made, missing = five_reports(many)
    html = page(*made, nicht_moeglich=missing)
    assert len(many) == 400 and "1.600 Berichte für 400 Kreise; 400 Berichte nicht erstellt" in html
    assert len(html) < 1_500_000
    by_land = section(html, "laender")
    assert by_land.count("<details>") == 16 and by_land.count('<li><a href="#land-') == 16
    letters = re.findall(r'<li><a href="#(buchstabe-\w)">', section(html, "alphabet"))
    assert len(letters) >= 17 and letters == sorted(letters)
    assert all(html.count(f'id="{letter}"') == 1 for letter in letters)
    ids = re.findall(r' id="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    assert section(html, "fehler").count("<dt>") == 1  # one reason, one entry


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("99099_musterkreis/04_befragung.pdf", "PDF"),
        ("99099_musterkreis/04_befragung.xlsx", "Tabellen (XLSX)"),
        ("99099_musterkreis/04_befragung.tabellenband.xlsx", "Tabellenband (XLSX)"),
        ("99099_musterkreis/04_befragung.zweiter_band.xlsx", "Zweiter band (XLSX)"),
        ("99099_musterkreis/05_zielmonitoring.fristen.ics", "Fristen (ICS)"),
        ("99099_musterkreis/04_befragung.html", ""),
        ("99099_musterkreis/04_befragung.ipynb", ""),
        ("99099_musterkreis/04_befragung.entwurf.pdf", "PDF"),
        ("ordner.mit.punkt/04_befragung.xlsx", "Tabellen (XLSX)"),
    ],
)
def test_each_file_beside_a_page_is_called_by_what_it_is(file, said):
    assert eintraege._format(file) == said


def test_a_workbook_of_its_own_is_linked_with_its_name(page):
    report = entry("99099", endings=("html", "xlsx", "tabellenband.xlsx", "ipynb"))
    html = page(report)
    assert "Tabellenband (XLSX)" in html and "Tabellen (XLSX)" in html
    assert any(link.endswith("01_test.tabellenband.xlsx") for link in links(html))
    assert not any(link.endswith(".ipynb") for link in links(html))
