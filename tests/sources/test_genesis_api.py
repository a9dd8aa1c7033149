"""Fetching tables: against a server on this machine that behaves like the documented service of the portals."""

import contextlib
import io
import json
import logging
import threading
import time
import traceback
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import pytest

from analysis import cli
from analysis.errors import InputError
from analysis.sources.genesis_api import Geduld, fetch
from analysis.sources.genesis_zugang import PORTALS, zugang
from analysis.store import Store

USER, PASSWORD, TOKEN = "amt@kreis.example", "Geheim-4711", "58b3aaaabbbbccccdddd"
EAGER = Geduld(stille=0.5, antwort=1.5, pause=0.01, auftrag=1.0)
HEADER = (
    "statistics_code;statistics_label;time_code;time_label;time;1_variable_code;1_variable_label;"
    "1_variable_attribute_code;1_variable_attribute_label;value;value_unit;value_variable_code;value_variable_label"
)
ROW = (
    "12411;Fortschreibung;STAG;Stichtag;2019-12-31;KREISE;Kreise;16077;Altenburger Land;89393;Anzahl;BEVSTD;Bevölkerung"
)
TABLE = f"\ufeff{HEADER}\n{ROW}\n".encode()
# Texts as in the examples of the Statistisches Bundesamt and in the tests of pystatis 0.5 and restatis.
TOO_LARGE = "Die Tabelle ist zu gross, um im Dialog abgerufen werden zu können."
STARTED = (
    "Der Bearbeitungsauftrag wurde erstellt. Die Tabelle kann in Kürze als Ergebnis mit folgendem Namen abgerufen "
    "werden: {}_001597503 (Mindestens ein Parameter enthält ungültige Werte.: stand)"
)
WRONG = "Ein Fehler ist aufgetreten. (Bitte prüfen Sie Ihren Nutzernamen bzw. das Passwort.)"
LOGGED_IN = "Sie wurden erfolgreich an- und abgemeldet!"


def packed(content: bytes = TABLE, name: str = "12411-01-01-4_de_flat.csv") -> bytes:
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as archive:
        archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return memory.getvalue()


def message(code: int, text: str, **more) -> bytes:
    answer = {"Ident": {}, "Status": {"Code": code, "Content": text, "Type": "Information"}, **more}
    return json.dumps(answer, ensure_ascii=False).encode()


class Service(BaseHTTPRequestHandler):
    """The documented service; the name of the table says how it behaves."""

    def log_message(self, *_):
        pass

    def do_GET(self):
        self.answer(b"", 405)

    def do_POST(self):
        data = self.rfile.read(int(self.headers["Content-Length"])).decode()
        fields = {name: values[0] for name, values in parse_qs(data).items()}
        method = self.path.removeprefix("/rest/2020/")
        self.server.asked.append((method, fields, data, dict(self.headers)))
        user, password = self.headers.get("username"), self.headers.get("password")
        known = (user, password) in ((USER, PASSWORD), (TOKEN, ""))
        if self.server.behaviour != "well":
            return getattr(self, self.server.behaviour)()
        if method == "helloworld/logincheck":
            status = LOGGED_IN if known else WRONG
            return self.answer(json.dumps({"Status": status, "Username": user}).encode())
        if not known:
            return self.answer(json.dumps({"Code": 2, "Content": WRONG, "Type": "ERROR"}).encode(), 404)
        return getattr(self, method.replace("/", "_"))(fields, fields.get("name", ""))

    def data_tablefile(self, fields, name):
        if name.startswith("9"):
            if fields["job"] == "false":
                return self.answer(message(98, TOO_LARGE))
            text = "Auftrag abgelehnt" if name == "99999-0001" else STARTED.format(name)
            return self.answer(message(100 if name == "99999-0001" else 99, text))
        answers = {
            "10000-0104": message(104, "Es gibt keine Objekte zum angegebenen Selektionskriterium"),
            "10000-0090": message(90, "Die angeforderte Tabelle ist nicht vorhanden"),
            "10000-0001": b"\xef\xbb\xbf<html>Wartung</html>",
            "10000-0002": packed()[:-30],
            "10000-0003": packed(b"a;b\n1;2\n"),
            "10000-0004": b"irgendetwas",
            "10000-0005": b"",
            "10000-0006": message(0, f"{USER} {PASSWORD.upper()} {PASSWORD} darf das"),
            "10000-0007": b'{"Status": ' * 100_000,
            "10000-0008": b"[1, 2]",
            "10000-0009": TABLE,
            "10000-0022": packed(),
        }
        return self.answer(answers.get(name, packed()))

    def catalogue_results(self, fields, _):
        self.server.polls += 1
        if fields["selection"].startswith("98") or self.server.polls < 3:
            return self.answer(message(104, "Es gibt keine Objekte"))
        entry = {"Code": fields["selection"], "Content": "Bevölkerung", "Values": "99999"}
        return self.answer(message(0, "erfolgreich", List=[entry]))

    def data_resultfile(self, _, name):
        return self.answer(packed() if name == "90000-0001_001597503" else message(104, "Es gibt keine Objekte"))

    def sends_on(self):
        self.answer(b"", 307, Location=f"{self.server.address}elsewhere/{PASSWORD}")

    def is_broken(self):
        self.answer(b"<html>Internal error</html>", 500)

    def is_out_of_order(self):
        self.answer(json.dumps({"Status": "Ein Fehler ist aufgetreten: unerwarteten Systemfehlers"}).encode())

    def knows_only_guests(self):
        self.answer(json.dumps({"Status": LOGGED_IN, "Username": "GAST"}).encode())

    def is_silent(self):
        self.server.stopped.wait(5)

    def drips(self):
        self.send_response(200)
        self.end_headers()
        while not self.server.stopped.wait(0.05):
            self.wfile.write(b" ")
            self.wfile.flush()

    def breaks_off(self):
        self.send_response(200)
        self.send_header("Content-Length", "100000")
        self.end_headers()
        self.wfile.write(b"{")

    def floods(self):
        self.send_response(200)
        self.end_headers()
        for _ in range(300):
            self.wfile.write(b"x" * (1 << 20))

    def answer(self, body: bytes, status: int = 200, **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def handle(self):
        with contextlib.suppress(OSError):  # the client has had enough
            super().handle()


@pytest.fixture
def service(monkeypatch):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    server.daemon_threads = True
    server.behaviour, server.asked, server.polls = "well", [], 0
    server.stopped, server.address = threading.Event(), f"http://127.0.0.1:{server.server_port}/rest/2020/"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    monkeypatch.setenv("KREISBLICK_GENESIS_URL", server.address)
    monkeypatch.setenv("KREISBLICK_GENESIS_USER", USER)
    monkeypatch.setenv("KREISBLICK_GENESIS_PASSWORD", PASSWORD)
    for variable in ("GENESIS_TOKEN", "ZENSUS_USER", "ZENSUS_PASSWORD", "ZENSUS_TOKEN"):
        monkeypatch.delenv(f"KREISBLICK_{variable}", raising=False)
    monkeypatch.setattr("keyring.get_password", lambda service, name: None)  # never that of whoever runs the tests
    yield server
    server.stopped.set()
    server.shutdown()
    server.server_close()


@pytest.fixture
def secret(tmp_path, capfd, caplog):
    """At the end nothing that identifies the user may stand in an output, a log or a file.

    Called, it returns what was printed since the last call.
    """
    caplog.set_level(logging.DEBUG)
    printed = []

    def shown() -> str:
        printed.append("".join(capfd.readouterr()))
        return printed[-1]

    yield shown
    shown()
    files = [path.read_bytes().decode("latin-1") for path in tmp_path.rglob("*") if path.is_file()]
    for text in (*printed, caplog.text, *files):
        for word in (USER, PASSWORD, TOKEN):
            assert word.lower() not in text.lower()


def ask(table="12411-01-01-4", geduld=EAGER, lines=None, **fields):
    return fetch(zugang("genesis"), table, fields, (lines if lines is not None else []).append, geduld)


def refused(table="12411-01-01-4", **fields) -> str:
    """Sentence with which the command refuses; nothing in it or behind it identifies the user."""
    with pytest.raises(InputError) as caught:
        ask(table, **fields)
    error = caught.value
    shown = "".join(traceback.format_exception(error))
    assert error.__cause__ is None and error.__context__ is None
    for word in (USER, PASSWORD, TOKEN):
        assert word.lower() not in shown.lower()
    assert "\n" not in str(error)
    return str(error)


def test_a_table_is_delivered_as_the_portal_sends_it(service, secret):
    lines = []
    fields = {"startyear": "2019", "endyear": "2020", "regionalvariable": "KREISE", "regionalkey": "16*"}
    assert ask(lines=lines, **fields) == packed()
    assert lines == ["genesis: asking for 12411-01-01-4"]
    (_, _, _, _), (method, asked, data, headers) = service.asked
    assert method == "data/tablefile" and asked.items() >= {**fields, "format": "ffcsv", "language": "de"}.items()
    assert headers["username"] == USER and headers["password"] == PASSWORD
    assert headers["Content-Type"].startswith("application/x-www-form-urlencoded")
    assert USER not in data and PASSWORD not in data and "Authorization" not in headers


def test_a_table_that_is_not_packed_is_taken_too(service, secret):
    assert ask("10000-0009") == TABLE


def test_a_token_stands_in_place_of_the_user_with_an_empty_password(service, secret, monkeypatch):
    monkeypatch.delenv("KREISBLICK_GENESIS_USER")
    monkeypatch.delenv("KREISBLICK_GENESIS_PASSWORD")
    monkeypatch.setenv("KREISBLICK_GENESIS_TOKEN", TOKEN)
    assert ask() == packed()
    headers = service.asked[-1][3]
    assert headers["username"] == TOKEN and headers["password"] == ""
    assert "must be ordered, which a token may not" in refused("90000-0001")


def test_a_large_table_is_ordered_and_fetched_when_it_is_there(service, secret):
    lines = []
    assert ask("90000-0001", lines=lines) == packed()
    methods = [method for method, *_ in service.asked]
    assert methods == [
        "helloworld/logincheck",
        *["data/tablefile"] * 2,
        *["catalogue/results"] * 3,
        "data/resultfile",
    ]
    assert [fields["job"] for method, fields, *_ in service.asked if method == "data/tablefile"] == ["false", "true"]
    assert lines[1:] == ["genesis: job 90000-0001_001597503 is being worked on (0 s)"] * 2


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ("98000-0001", "job 98000-0001_001597503 is not ready after 1 seconds"),
        ("91000-0001", "job 91000-0001_001597503 is not ready after 1 seconds"),
        ("99999-0001", r"does not start a job for 99999-0001 (it says: Auftrag abgelehnt)"),
        ("10000-0104", "nothing for 10000-0104 with these years and regions (it says: Es gibt keine Objekte"),
        ("10000-0090", "there is no table 10000-0090"),
        ("10000-0001", "answers with a web page (HTTP 200): maintenance"),
        ("10000-0002", "the ZIP of 10000-0002 is not whole"),
        ("10000-0004", "answers with neither a table nor a message (HTTP 200)"),
        ("10000-0005", "answers with nothing (HTTP 200)"),
        ("10000-0006", "answers without a table with code 0 (it says: *** *** *** darf das)"),
        ("10000-0007", "answers with neither a table nor a message"),
        ("10000-0008", "answers with neither a table nor a message"),
    ],
)
def test_an_answer_without_a_table_is_told(service, secret, table, expected):
    assert expected in refused(table)


@pytest.mark.parametrize(
    ("behaviour", "expected"),
    [
        ("sends_on", "sends on to 127.0.0.1; not followed"),
        ("is_broken", "answers with a web page (HTTP 500)"),
        ("is_out_of_order", "is out of order"),
        ("knows_only_guests", "does not accept the user or password"),
        ("is_silent", "does not answer within 0.5 seconds"),
        ("drips", "has not sent its whole answer within 1.5 seconds"),
        ("breaks_off", "broke off in the middle of its answer"),
    ],
)
def test_a_portal_that_misbehaves_is_told_in_time(service, secret, behaviour, expected):
    service.behaviour = behaviour
    began = time.monotonic()
    assert expected in refused()
    assert time.monotonic() - began < 5 and len(service.asked) == 1


def test_an_answer_without_end_is_cut(service, secret, monkeypatch):
    monkeypatch.setattr("analysis.sources.genesis_api._MOST_BYTES", 1_000_000)
    service.behaviour = "floods"
    assert "sends more than 1,000,000 bytes" in refused()


@pytest.mark.parametrize("name", ["USER", "PASSWORD"])
def test_wrong_credentials_are_told_whatever_the_http_status_says(service, secret, monkeypatch, name):
    monkeypatch.setenv(f"KREISBLICK_GENESIS_{name}", "Verwechselt-0815")
    sentence = refused()
    assert "does not accept the user or password; each portal has its own registration" in sentence
    assert "Verwechselt" not in sentence and len(service.asked) == 1


def test_a_server_that_is_not_there_is_told(service, secret, monkeypatch):
    monkeypatch.setenv("KREISBLICK_GENESIS_URL", "http://127.0.0.1:9/rest/2020/")
    assert "cannot be reached" in refused()


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("http://genesis.example/rest/2020/", "would travel unprotected to genesis.example"),
        ("ftp://127.0.0.1/", "expected https://"),
        ("https://amt:wort@genesis.example/", "without user, password or query"),
        ("https://[::1", "not an address"),
        ("genesis.example", "not an address"),
        ("http://127.0.0.1.example/", "would travel unprotected"),
    ],
)
def test_an_address_that_is_not_safe_is_refused(service, monkeypatch, address, expected):
    monkeypatch.setenv("KREISBLICK_GENESIS_URL", address)
    with pytest.raises(InputError, match=expected):
        zugang("genesis")
    assert not service.asked


def test_each_portal_has_its_address_and_its_own_credentials(service, monkeypatch):
    monkeypatch.delenv("KREISBLICK_GENESIS_URL")
    assert zugang("genesis").url == PORTALS["genesis"] and all(url.startswith("https://") for url in PORTALS.values())
    with pytest.raises(InputError, match="zensus: no credentials; set KREISBLICK_ZENSUS_USER"):
        zugang("zensus")
    assert PASSWORD not in repr(zugang("genesis")) and USER not in repr(zugang("genesis"))


def test_credentials_come_from_the_keyring_where_the_environment_has_none(service, monkeypatch):
    kept = {("kreisblick-zensus", "user"): USER, ("kreisblick-zensus", "password"): PASSWORD}
    monkeypatch.setattr("keyring.get_password", lambda service, name: kept.get((service, name)))
    assert (zugang("zensus").user, zugang("zensus").password) == (USER, PASSWORD)
    del kept["kreisblick-zensus", "password"]
    with pytest.raises(InputError, match="user or password is missing"):
        zugang("zensus")


@pytest.mark.parametrize("password", ["", "mit\nUmbruch", " vorn", "hinten "])
def test_a_password_that_no_header_can_carry_is_refused_without_showing_it(service, monkeypatch, password):
    monkeypatch.setenv("KREISBLICK_GENESIS_PASSWORD", password)
    with pytest.raises(InputError) as caught:
        zugang("genesis")
    assert "Umbruch" not in str(caught.value) and "vorn" not in str(caught.value)


def test_umlauts_of_a_password_travel(service, monkeypatch):
    monkeypatch.setenv("KREISBLICK_GENESIS_PASSWORD", "Schlüssel-€")
    with pytest.raises(InputError, match="does not accept"):
        ask()
    assert service.asked


@pytest.mark.parametrize(
    ("table", "fields", "expected"),
    [
        ("../etc/passwd", {}, "not a code"),
        ("", {}, "not a code"),
        ("12411-01-01-4&job=true", {}, "not a code"),
        ("12411-01-01-4", {"startyear": "19"}, "startyear '19'; expected a year"),
        ("12411-01-01-4", {"startyear": "2024", "endyear": "2019"}, "startyear 2024 is after endyear 2019"),
        ("12411-01-01-4", {"regionalkey": "16 077"}, "regionalkey '16 077'; expected keys"),
        ("12411-01-01-4", {"regionalvariable": "Kreise"}, "regionalvariable 'Kreise'; expected a code"),
    ],
)
def test_a_selection_that_cannot_be_is_refused_before_anything_is_asked(service, table, fields, expected):
    assert expected in refused(table, **fields) and not service.asked


def command(tmp_path, *arguments) -> int:
    return cli.main(["fetch", "genesis", *arguments, "--to", str(tmp_path / "geholt")])


def test_the_command_keeps_the_file_and_imports_it(service, secret, tmp_path):
    assert command(tmp_path, "12411-01-01-4", "--startyear", "2019") == 0
    (path,) = (tmp_path / "geholt").iterdir()
    assert path.name.startswith("12411-01-01-4_") and path.suffix == ".zip" and path.read_bytes() == packed()
    with Store() as store:
        row = store.observations().iloc[0]
        assert (row.ags, row.wert, row.quelle) == ("16077", 89393, "genesis")
    printed = secret()
    assert str(path) in printed and "1 new" in printed and "asking for 12411-01-01-4" in printed


def test_a_file_that_its_reader_refuses_stays_and_the_store_does_not_change(service, secret, tmp_path):
    command(tmp_path, "12411-01-01-4")
    with Store() as store:
        before = store.fingerprint(), len(store.imports())
    assert command(tmp_path, "10000-0003") == 2
    with Store() as store:
        assert (store.fingerprint(), len(store.imports())) == before
    assert [p.read_bytes() for p in (tmp_path / "geholt").glob("10000-0003_*.zip")] == [packed(b"a;b\n1;2\n")]
    assert "no flat CSV" in secret()


def test_without_a_table_the_command_leaves_no_file(service, secret, tmp_path):
    assert command(tmp_path, "10000-0104") == 2 and command(tmp_path, "10000-0002") == 2
    assert not list(tmp_path.glob("geholt/*"))
    assert secret().count("kreisblick: ") == 2


def test_a_folder_that_cannot_be_written_is_told_before_anything_is_asked(service, tmp_path, capfd):
    (tmp_path / "geholt").write_text("")
    assert command(tmp_path, "12411-01-01-4") == 2 and not service.asked
    assert "files cannot be written there" in capfd.readouterr().err
