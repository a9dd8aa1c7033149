import io

import made
import pytest
from PIL import Image

from analysis.report.picture_files import picture_file

TEXTS = {"titel": "Einwohner", "einheit": "Anzahl", "quelle": "Amt, 2019", "alternativtext": made.ALT}


def opened(png: bytes) -> Image.Image:
    return Image.open(io.BytesIO(png))


def test_the_picture_stands_unchanged_between_title_and_source():
    png = made.picture()
    page, picture = opened(picture_file(png, **TEXTS)).convert("RGB"), opened(png).convert("RGB")
    assert page.width == picture.width and page.height > picture.height + 60
    places = [y for y in range(page.height - picture.height + 1)
              if page.crop((0, y, page.width, y + picture.height)).tobytes() == picture.tobytes()]  # fmt: skip
    assert len(places) == 1
    for part in (page.crop((0, 0, page.width, places[0])), page.crop((0, places[0] + picture.height, *page.size))):
        colours = part.getcolors(1000)
        assert len(colours) > 10 and all(r == g == b for _, (r, g, b) in colours)  # letters, black to grey on white
        assert max(colours)[1] == (255, 255, 255) and min(rgb for _, rgb in colours)[0] < 100


def test_its_texts_are_in_the_file():
    assert opened(picture_file(made.picture(), **TEXTS)).text == {
        "Title": "Einwohner", "Source": "Amt, 2019", "Description": made.ALT,
    }  # fmt: skip


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "P"])
def test_pictures_of_every_kind_become_files_of_one_palette(mode):
    out = io.BytesIO()
    opened(made.picture()).convert(mode).save(out, format="PNG")
    assert opened(picture_file(out.getvalue(), **TEXTS)).mode == "P"


def test_a_picture_with_a_full_palette_keeps_its_colours():
    full, out = Image.linear_gradient("L").convert("P"), io.BytesIO()
    full.putpalette([value for n in range(256) for value in (n, 255 - n, 100)])
    full.save(out, format="PNG")
    page = opened(picture_file(out.getvalue(), **TEXTS)).convert("RGB")
    shown = [page.getpixel((page.width // 2, y)) for y in range(page.height)]
    coloured = [rgb for rgb in shown if len(set(rgb)) > 1]
    assert coloured[0] == pytest.approx((0, 255, 100), abs=8) and coloured[-1] == pytest.approx((255, 0, 100), abs=8)


def test_a_long_title_takes_as_many_lines_as_it_needs_and_the_bytes_are_always_the_same():
    short, long = (
        picture_file(made.picture(), **{**TEXTS, "titel": titel}) for titel in ("Kurz", "Ein langer Titel " * 9)
    )
    assert opened(long).height > opened(short).height
    assert long == picture_file(made.picture(), **{**TEXTS, "titel": "Ein langer Titel " * 9})
