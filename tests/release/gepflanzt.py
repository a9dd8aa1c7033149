"""A good report, and ways to hide something in each kind of its files as a careless or a hostile hand would."""

import base64
import gzip
import io
import json
import zipfile
import zlib
from collections.abc import Callable

import openpyxl
from PIL import Image, PngImagePlugin
from report_made import small_notebook

from analysis.batch.export import Target, export
from analysis.batch.plan import Job, Notebook

HTML, XLSX, IPYNB, PNG = "01_test.html", "01_test.xlsx", "01_test.ipynb", "01_test_01_linie_1.png"


def good_report(folder, *markdown: str) -> dict[str, bytes]:
    """Files of a small report by name."""
    path = folder / "01_test.ipynb"
    path.write_text("{}", encoding="utf-8")
    job = Job(Notebook(path, "Test", (), {"kreis": ""}), "16077", {"kreis": "16077"})
    made, _ = export(small_notebook(*markdown), job, Target(folder / "o", folder / "f", folder))
    return {p.name: c if isinstance(c, bytes) else c.encode() for p, c in made.items()}


def in_page(text: str, before: str = "</main>") -> Callable[[dict], None]:
    """Put text into the page."""

    def plant(files):
        assert before.encode() in files[HTML]
        files[HTML] = files[HTML].replace(before.encode(), text.encode() + before.encode(), 1)

    return plant


def in_picture(**texts: str) -> Callable[[dict], None]:
    """Write a text into the picture beside the report."""

    def plant(files):
        files[PNG] = with_texts(files[PNG], **texts)

    return plant


def with_texts(png: bytes, packed: bool = False, **texts: str) -> bytes:
    """PNG with further texts, written by Pillow."""
    information, out = PngImagePlugin.PngInfo(), io.BytesIO()
    for key, text in texts.items():
        information.add_itxt(key, text, zip=packed)
    Image.open(io.BytesIO(png)).save(out, "PNG", pnginfo=information)
    return out.getvalue()


def in_embedded_picture(**texts: str) -> Callable[[dict], None]:
    """Write a text into the picture inside the page."""

    def plant(files):
        before = base64.b64encode(embedded_picture(files))
        after = base64.b64encode(with_texts(embedded_picture(files), packed=True, **texts))
        files[HTML] = files[HTML].replace(before, after)

    return plant


def embedded_picture(files) -> bytes:
    """The picture inside the page."""
    begin = files[HTML].index(b"base64,") + len(b"base64,")
    return base64.b64decode(files[HTML][begin : files[HTML].index(b'"', begin)])


def in_workbook(change: Callable) -> Callable[[dict], None]:
    """Change the workbook with openpyxl and save it as another program would."""

    def plant(files):
        book, out = openpyxl.load_workbook(io.BytesIO(files[XLSX])), io.BytesIO()
        book.properties.creator = "Kreisblick"
        change(book)
        book.save(out)
        files[XLSX] = out.getvalue()

    return plant


def in_member(name: str, old: bytes, new: bytes) -> Callable[[dict], None]:
    """Change the bytes of a member of the workbook."""

    def plant(files):
        out = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(files[XLSX])) as before, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as to:
            for info in before.infolist():
                content = before.read(info)
                assert info.filename != name or old in content
                to.writestr(info, content.replace(old, new, 1) if info.filename == name else content)
        files[XLSX] = out.getvalue()

    return plant


def new_member(name: str, content: bytes) -> Callable[[dict], None]:
    """Add a member to the workbook."""

    def plant(files):
        out = io.BytesIO(files[XLSX])
        with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(name, content)
        files[XLSX] = out.getvalue()

    return plant


def in_notebook(change: Callable) -> Callable[[dict], None]:
    """Change the executed notebook."""

    def plant(files):
        notebook = json.loads(files[IPYNB])
        change(notebook)
        files[IPYNB] = json.dumps(notebook).encode()

    return plant


def output(cell: int, **parts) -> Callable[[dict], None]:
    """Add an output to a cell."""
    return in_notebook(lambda nb: nb["cells"][cell]["outputs"].append(parts))


def packings(text: str) -> dict[str, str]:
    """Ways to pack a text so that it can stand in a page."""
    data = text.encode()
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("a.txt", text)
    as_base64 = {"base64": data, "gzip": gzip.compress(data), "zlib": zlib.compress(data), "zip": archive.getvalue()}
    ways = {name: f'<p title="{base64.b64encode(content).decode()}">x</p>' for name, content in as_base64.items()}
    return ways | {
        "plain": f"<p>{text}</p>",
        "url-safe": f"<p>{base64.urlsafe_b64encode(data).decode().rstrip('=')}</p>",
        "twice": f"<p>{base64.b64encode(base64.b64encode(data)).decode()}</p>",
        "entities": "<p>" + "".join(f"&#{ord(c)};" for c in text) + "</p>",
        "percent signs": "<p>" + "".join(f"%{b:02x}" for b in data) + "</p>",
        "hexadecimal": f"<p>{data.hex()}</p>",
        "UTF-16": f"<p>{base64.b64encode(text.encode('utf-16')).decode()}</p>",
        "soft hyphens": "<p>" + "\u00ad".join(text) + "</p>",
        "capitals": f"<p>{text.upper()}</p>",
        "line breaks": f"<p>{text.replace(' ', '<br>')}</p>",
        "attribute": f'<p data-x="{text}">x</p>',
        "alternative text": f'<p title="{text}">x</p>',
        "style": f"<p class='{text}'>x</p>",
    }
