"""The corporate design of a Kreis: what is accepted, what is refused with one sentence, what a page shows of it."""

import base64
import hashlib
import io
import os
import re

import pytest
import yaml
from conftest import ROOT
from PIL import Image, PngImagePlugin
from test_exporter import notebook

from analysis import workspace
from analysis.batch import manifest
from analysis.errors import InputError
from analysis.report.exporter import BerichtExporter
from analysis.report.gestaltung import AKZENT, FLAECHE, HAUPT, WEISS, gestaltung, gestaltungen
from analysis.report.kontrast import kontrast
from analysis.report.rahmen import seite
from analysis.worte import worte

ALT = "Wappen des Kreises: ein Löwe über drei Sternen auf Blau"
VOLL = {
    "name": "Landratsamt Altenburger Land",
    "herausgegeben": "Fachdienst Soziales, 2026",
    "logo": "wappen.png",
    "logo_alternativtext": ALT,
    "farben": {"haupt": "#0B5345", "akzent": "#b9770e"},
    "kontakt": {
        "stelle": "Fachdienst Soziales",
        "anschrift": ["Lindenaustraße 9", "04600 Altenburg"],
        "telefon": "030 23125-001",
        "e_mail": "soziales+planung@example.org",
    },
    "impressum": [
        "Herausgeber ist der Landkreis.",
        "Mehr auf https://www.example.org/impressum und HTTP://example.org",
    ],
    "barrierefreiheit": ["Stand der Vereinbarkeit mit der BITV 2.0: <teilweise>."],
}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Folder of the designs with a logo in it."""
    folder = tmp_path / "gestaltung"
    folder.mkdir()
    monkeypatch.setattr(workspace, "gestaltung", lambda: folder)
    Image.new("RGB", (300, 150), "#0b5345").save(folder / "wappen.png")
    return folder


@pytest.fixture
def design(folder):
    """Write a design of the Altenburger Land from the full one and some changes; None takes a field away."""

    def write(text: str | None = None, **changes):
        content = {k: v for k, v in {**VOLL, **changes}.items() if v is not None}
        text = yaml.safe_dump(content, allow_unicode=True) if text is None else text
        (folder / "16077.yaml").write_text(text, encoding="utf-8")
        return gestaltung("16077")

    return write


@pytest.mark.parametrize(
    ("eine", "andere", "expected"),
    [
        ("#000000", "#ffffff", 21.0),
        ("#ffffff", "#ffffff", 1.0),
        # published by WebAIM (Contrast Checker and its article on contrast)
        ("#777777", "#ffffff", 4.48),
        ("#767676", "#ffffff", 4.54),
        ("#ff0000", "#ffffff", 4.0),
        ("#0000ff", "#ffffff", 8.59),
    ],
)
def test_contrast_is_that_of_the_guideline(eine, andere, expected):
    assert kontrast(eine, andere) == pytest.approx(expected, abs=0.006) == kontrast(andere, eine)


def test_the_neutral_colours_follow_the_rules_themselves():
    assert min(kontrast(HAUPT, WEISS), kontrast(HAUPT, FLAECHE)) >= 4.5 and kontrast(AKZENT, WEISS) >= 3


def test_a_kreis_without_a_file_is_neutral(folder):
    assert gestaltung("16077") is None and gestaltungen() == {}
    html, _ = BerichtExporter().from_notebook_node(notebook(), {"gestaltung": None})
    assert html == BerichtExporter().from_notebook_node(notebook())[0]
    assert "Impressum" not in html and "herausgeber" not in html.split("</style>")[1] and HAUPT in html


def test_a_page_shows_logo_name_colours_and_who_answers(design):
    html, _ = BerichtExporter().from_notebook_node(notebook(), {"gestaltung": design()})
    style, body = re.search(r"<style>(.*?)</style>(.*)", html, re.S).groups()
    assert "--haupt: #0b5345" in style and "--akzent: #b9770e" in style and HAUPT not in html
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in html
    head = body.split("<h1>")[0]
    assert f'alt="{ALT}"' in head and "Landratsamt Altenburger Land" in head and "Fachdienst Soziales, 2026" in head
    assert re.findall(r'<h2 id="[a-z]+">([^<]+)', body.split("<footer>")[1]) == [
        "Herkunft dieses Berichts",
        "Kontakt",
        "Impressum",
        "Barrierefreiheit",
    ]
    assert re.findall('<li><a href="#(kontakt|impressum|barrierefreiheit)">', body) == [
        "kontakt",
        "impressum",
        "barrierefreiheit",
    ]
    assert '<a href="mailto:soziales%2Bplanung@example.org">soziales+planung@example.org</a>' in body
    assert "Lindenaustraße 9<br>04600 Altenburg" in body and "030 23125-001" in body
    assert "Mehr auf www.example.org/impressum und example.org" in body  # named, but no address
    assert not re.search("https?://", html, re.I) and "&lt;teilweise&gt;" in body


def test_a_name_is_enough_and_nothing_else_is_claimed(design):
    html, _ = BerichtExporter().from_notebook_node(notebook(), {"gestaltung": design("name: Landratsamt")})
    body = html.split("</style>")[1]
    assert "<strong>Landratsamt</strong>" in body and "<img" not in body and HAUPT in html
    assert not re.search('id="(kontakt|impressum|barrierefreiheit)"', body)


def test_the_style_holds_no_text_of_the_design(design):
    made = design(name="} body { display: none } </style>")
    assert "display: none }" not in seite("Titel", worte("de"), made)["stil"]


def test_the_invented_kreis_has_a_design_that_says_that_it_is_invented():
    made = gestaltungen()["99099"]
    assert "(erfunden)" in made.name and "erfunden" in made.logo_alternativtext
    assert all("erfunden" in part[0] for part in (made.impressum, made.barrierefreiheit))
    assert made.kontakt.e_mail.endswith(".example")  # reserved: RFC 2606
    together = " ".join(made.barrierefreiheit)
    for part in ("BITV 2.0", "BGG", "Stand der Vereinbarkeit", "Rückmeldung", "Durchsetzung"):
        assert part in together
    assert len(made.logo.png) < 20_000


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": None}, "'name' is a required property"),
        ({"name": 5}, "name: 5 is not of type 'string'"),
        ({"slogan": "Wir"}, "'slogan' was unexpected"),
        ({"farben": {"hauptfarbe": "#000000"}}, "'hauptfarbe' was unexpected"),
        ({"farben": {"haupt": "#abc"}}, "farben.haupt: '#abc' is no colour; expected six hexadecimal digits"),
        ({"farben": {"haupt": "rot"}}, "'rot' is no colour"),
        ({"farben": {"haupt": "#000000; } body {"}}, "is no colour"),
        ({"farben": {"haupt": None}}, "without quotes YAML takes # for the beginning of a comment"),
        ({"farben": {"haupt": "#777777"}}, r"#777777 has a contrast of 4.47 : 1 on white; needed are at least 4.5 : 1"),
        ({"farben": {"haupt": "#757575"}}, r"contrast of 4\.\d\d : 1 on the boxes \(#f4f4f6\); needed"),
        ({"farben": {"akzent": "#f1c40f"}}, r"akzent: #f1c40f has a contrast of 1\.\d\d : 1 on white.*at least 3 : 1"),
        ({"kontakt": {"e_mail": "kein Postfach"}}, "kontakt.e_mail: 'kein Postfach' does not match"),
        ({"kontakt": {"e_mail": "javascript:alert(1)@x.y"}}, "kontakt.e_mail"),
        ({"kontakt": {"telefon": 3447586}}, "kontakt.telefon: 3447586 is not of type 'string'"),
        ({"kontakt": {"fax": "1"}}, "'fax' was unexpected"),
        ({"impressum": "ein Absatz"}, "impressum: 'ein Absatz' is not of type 'array'"),
        ({"impressum": ["  "]}, "impressum.1"),
        ({"logo_alternativtext": None}, "'logo_alternativtext' is a dependency of 'logo'"),
        ({"logo_alternativtext": "Logo"}, "'Logo' is too short"),
        ({"logo": "fehlt.png"}, "fehlt.png: there is no such logo"),
        ({"logo": "../wappen.png"}, r"logo: '../wappen.png' is a path; expected the name of a file"),
        ({"logo": "/etc/passwd"}, "is a path"),
        ({"logo": "C:\\bilder\\wappen.png"}, "is a path"),
        ({"logo": ".."}, "is a path"),
    ],
)
def test_a_mistake_is_one_sentence_with_file_place_and_value(design, changes, message):
    with pytest.raises(InputError, match=message) as caught:
        design(**changes)
    assert "gestaltung" in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("logo.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "an SVG, which can hold scripts .* save it as PNG"),
        ("logo.png", b'<?xml version="1.0"?><svg onload="alert(1)"/>', "is an SVG"),
        ("logo.gif", b"GIF89a\x01\x00\x01\x00\x00\x00\x00;", "is neither PNG nor JPEG"),
        ("logo.png", b"kein Bild", "is neither PNG nor JPEG"),
        ("logo.png", b"", "is neither PNG nor JPEG"),
        ("logo.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 1_000_000, "1,000,008 bytes; a logo may have 1,000,000"),
    ],
)
def test_a_file_that_is_no_picture_for_a_report_is_refused(folder, design, name, content, message):
    (folder / name).write_bytes(content)
    with pytest.raises(InputError, match=message):
        design(logo=name)


def test_a_damaged_and_a_huge_picture_are_refused(folder, design):
    whole = io.BytesIO()
    Image.effect_noise((200, 200), 50).save(whole, "PNG")
    (folder / "halb.png").write_bytes(whole.getvalue()[:5000])
    with pytest.raises(InputError, match="halb.png: is damaged"):
        design(logo="halb.png")
    Image.new("1", (6000, 5000)).save(folder / "riesig.png")
    with pytest.raises(InputError, match="6000 x 5000 pixels; a logo may have 25,000,000"):
        design(logo="riesig.png")


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_a_link_out_of_the_folder_is_refused(folder, design, tmp_path):
    Image.new("RGB", (9, 9)).save(tmp_path / "fremd.png")
    (folder / "link.png").symlink_to(tmp_path / "fremd.png")
    with pytest.raises(InputError, match="is a link to a file elsewhere"):
        design(logo="link.png")


def test_a_logo_is_drawn_anew_on_white_and_tells_nothing_of_its_file(folder, design):
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Author", "/home/anna/wappen.xcf")
    clear = Image.new("RGBA", (2000, 500), (0, 0, 0, 0))
    clear.paste("#0b5345", (0, 0, 1000, 500))
    clear.save(folder / "wappen.png", pnginfo=texts, icc_profile=b"anna" * 50, dpi=(300, 300))
    logo = design().logo
    data = base64.b64decode(logo.png)
    picture = Image.open(io.BytesIO(data))
    assert (logo.breite, logo.hoehe) == picture.size == (720, 180) and picture.info == {} and b"anna" not in data
    colours = picture.convert("RGB")
    assert colours.getpixel((100, 90)) == (11, 83, 69) and colours.getpixel((700, 90)) == (255, 255, 255)
    assert design().logo == logo  # the same bytes each time


def test_a_jpeg_stands_upright_and_without_its_notes(folder, design):
    exif = Image.Exif()
    exif[0x0112], exif[0x013B] = 6, "Anna"  # turned by 90 degrees; artist
    Image.new("RGB", (200, 100), "white").save(folder / "logo.jpg", exif=exif)
    logo = design(logo="logo.jpg").logo
    assert (logo.breite, logo.hoehe) == (100, 200) and b"Anna" not in base64.b64decode(logo.png)


def test_files_that_belong_to_no_kreis_are_named(folder):
    for name, message in {
        "12345.yaml": "its name must be the key of a Kreis",
        "altenburg.yaml": "its name must be the key of a Kreis",
        "16077.yml": "is not read; rename it to 16077.yaml",
        "16077.YAML": "is not read; rename it to 16077.yaml",
    }.items():
        (folder / name).write_text("name: Landratsamt", encoding="utf-8")
        with pytest.raises(InputError, match=message):
            gestaltungen([])
        (folder / name).unlink()


def test_only_the_designs_of_the_wanted_kreise_are_checked(folder, design):
    design()
    (folder / "16070.yaml").write_text("falsch: 1", encoding="utf-8")
    assert list(gestaltungen(["16077"])) == ["16077"]
    with pytest.raises(InputError, match="16070.yaml"):
        gestaltungen()


def test_the_design_is_an_input_of_the_reports_of_its_kreis(folder, design):
    first = design()
    hashes = {first.sha256, design(name="Anderer Name").sha256}
    Image.new("RGB", (300, 150), "black").save(folder / "wappen.png")
    hashes.add(design().sha256)
    assert len(hashes) == 3
    assert manifest.inputs({}, [], {"16077": first})["gestaltung/16077"] == first.sha256


def test_a_wrong_design_ends_the_run_before_any_work(kreisblick, tmp_path):
    """In a workspace of its own, which has no store yet."""
    for name in ("analysis", "notebooks", "data/gestaltung"):
        (tmp_path / "w" / name).mkdir(parents=True)
    (tmp_path / "w" / "notebooks" / "01_steckbrief.ipynb").write_bytes(
        (ROOT / "notebooks" / "01_steckbrief.ipynb").read_bytes()
    )
    file = tmp_path / "w" / "data" / "gestaltung" / "16077.yaml"
    file.write_text('name: Landratsamt\nfarben: {haupt: "#ffff00"}\n', encoding="utf-8")
    before = sorted(tmp_path.rglob("*"))
    for further in ([], ["--kreis", "16077"]):
        done = kreisblick("run", *further, cwd=tmp_path / "w", env={"KREISBLICK_STORE": ""})
        assert done.returncode == 2 and "Traceback" not in done.stderr
        assert "16077.yaml, farben.haupt: #ffff00 has a contrast of 1.07 : 1 on white" in done.stderr
    assert sorted(tmp_path.rglob("*")) == before
