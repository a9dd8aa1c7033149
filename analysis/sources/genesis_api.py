"""Tables of GENESIS-Online, Regionaldatenbank and Zensus 2022, fetched through their web service.

Nothing here runs unless `kreisblick fetch genesis` is called. The service (path `rest/2020`) takes POST requests;
user name and password, or a token and an empty password, stand in header fields and nowhere else. It answers errors
with JSON, whatever the HTTP status says, and tables as a ZIP. A table of more than 40,000 values must be ordered
(`job=true`) and is fetched when the list of results names it.

Source: Statistisches Bundesamt, "GENESIS-Webservices, Einführung" and the examples of its repository GENESIS-Online.
"""

import io
import json
import queue
import re
import threading
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import quote, quote_plus, urlsplit

import requests

from analysis.errors import InputError
from analysis.sources.genesis_zugang import URL_VARIABLE, Zugang, on_this_machine

_MOST_BYTES = 500_000_000
_TOO_LARGE, _STARTED, _NOTHING, _UNKNOWN, _OK, _ADJUSTED = 98, 99, (103, 104), 90, 0, 22
_REFUSAL = ("nutzernamen", "passwort", "zugangsdaten", "nicht berechtigt", "username", "password", "not authorized")
"""Words by which an answer refuses the credentials; its code alone can mean other things."""


@dataclass(frozen=True)
class Geduld:
    """How long to wait, in seconds: for a connection or the next bytes, for an answer, between questions, for a job."""

    stille: float = 60.0
    antwort: float = 900.0
    pause: float = 10.0
    auftrag: float = 3600.0


@dataclass(frozen=True)
class _Answer:
    """An answer of the service: HTTP status and body, and what its JSON says if it is JSON."""

    status: int
    body: bytes
    code: int | None = None
    text: str = ""
    content: dict = field(default_factory=dict)

    @property
    def table(self) -> bytes | None:
        """The body if it is a table: a ZIP, or a flat CSV."""
        head = self.body[:20].removeprefix(b"\xef\xbb\xbf")
        return self.body if head.startswith((b"PK\x03\x04", b"statistics_code", b"Statistik_Code")) else None


def fetch(
    zugang: Zugang, table: str, fields: dict[str, str], say: Callable[[str], None], geduld: Geduld | None = None
) -> bytes:
    """A table as flat CSV (ffcsv), packed as the portal sends it.

    Parameters
    ----------
    table
        Code of the table: `12411-01-01-4`.
    fields
        `startyear`, `endyear`, `regionalvariable`, `regionalkey`; empty ones are not sent.
    say
        Receives a line for every step that takes time.
    geduld
        How long to wait.

    Raises
    ------
    InputError
        Wrong credentials, no such table or selection, a table that a token cannot order, no answer in time, a
        redirect, or an answer that is no whole table. No text contains what identifies the user.
    """
    geduld = geduld or Geduld()
    _check_selection(table, fields)
    selection = {name: value for name, value in fields.items() if value}
    with requests.Session() as session:
        session.trust_env = not on_this_machine(urlsplit(zugang.url).hostname)  # a proxy of the office, never for us

        def ask(method: str, **data: str) -> _Answer:
            return _ask(session, zugang, geduld, method, {"language": "de", **data})

        _check_login(zugang, ask("helloworld/logincheck"))
        order = {"name": table, "area": "all", "compress": "false", "format": "ffcsv", **selection}
        say(f"{zugang.portal}: asking for {table}")
        answer = ask("data/tablefile", **order, job="false")
        if answer.code == _TOO_LARGE:
            answer = _order(zugang, ask, order, say, geduld)
    return _whole(zugang, table, answer)


_YEAR = r"(19|20)[0-9]{2}"
_FIELDS = {
    "startyear": (_YEAR, "a year such as 2015"),
    "endyear": (_YEAR, "a year such as 2024"),
    "regionalvariable": (r"[A-Z0-9]{2,15}", "a code such as KREISE or GEMEIN"),
    "regionalkey": (r"[0-9A-Z*,]{1,2000}", "keys such as 16077 or 16*, separated by commas"),
}
"""What can be selected → how it is written, in a pattern and in words."""


def _check_selection(table: str, fields: dict[str, str]) -> None:
    if not re.fullmatch(r"(?=.*[0-9])[0-9A-Za-z]{2,10}(-[0-9A-Za-z]{1,8}){0,6}", table):
        raise InputError(f"table {table[:60]!r}: not a code; expected one such as 12411-01-01-4 or 1000A-0000")
    for name, value in fields.items():
        form, expected = _FIELDS[name]
        if value and not re.fullmatch(form, value):
            raise InputError(f"{name} {value[:60]!r}; expected {expected}")
    if fields.get("startyear") and fields.get("endyear") and fields["startyear"] > fields["endyear"]:
        raise InputError(f"startyear {fields['startyear']} is after endyear {fields['endyear']}")


def _ask(session: requests.Session, zugang: Zugang, geduld: Geduld, method: str, data: dict[str, str]) -> _Answer:
    """One question to the service.

    It is put in a thread of its own: a server that sends one byte now and then would never exceed a timeout.
    """
    answers = queue.SimpleQueue()
    post = threading.Thread(target=lambda: answers.put(_post(session, zugang, geduld, method, data)), daemon=True)
    post.start()
    try:
        status, target, body, trouble = answers.get(timeout=geduld.antwort)
    except queue.Empty:
        trouble = f"has not sent its whole answer within {geduld.antwort:g} seconds"
    if trouble:
        raise InputError(f"{_where(zugang)} {trouble}; try again later")
    if 300 <= status < 400:
        raise InputError(
            f"{_where(zugang)} sends on to {target or 'another address'}; not followed, because the credentials would "
            f"go there too (if that is right, set {URL_VARIABLE})"
        )
    return _read_answer(zugang, status, body)


def _post(session: requests.Session, zugang: Zugang, geduld: Geduld, method: str, data: dict[str, str]) -> tuple:
    """HTTP status, host of a redirect, body, and what went wrong; headers carry the credentials.

    No redirect is followed, and no error of the library is shown or chained: it holds the request with its headers.
    """
    headers = {
        "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
        "Accept-Encoding": "identity",
        "User-Agent": "kreisblick",
        "username": _as_header(zugang.user),
        "password": _as_header(zugang.password),
    }
    status, target, body, trouble = 0, "", bytearray(), ""
    try:
        with session.post(
            zugang.url + method,
            data=data,
            headers=headers,
            auth=lambda request: request,  # else the library looks for a password in ~/.netrc
            timeout=geduld.stille,
            allow_redirects=False,
            stream=True,
        ) as response:
            status, target = response.status_code, urlsplit(response.headers.get("Location", "")).hostname or ""
            for block in response.iter_content(1 << 16):
                body += block
                if len(body) > _MOST_BYTES:
                    trouble = f"sends more than {_MOST_BYTES:,} bytes"
                    break
    except requests.exceptions.Timeout:
        trouble = f"does not answer within {geduld.stille:g} seconds"
    except requests.exceptions.SSLError:
        trouble = "has no certificate that this machine trusts"
    except requests.exceptions.ProxyError:
        trouble = "cannot be reached through the proxy of this machine"
    except (requests.exceptions.ChunkedEncodingError, requests.exceptions.ContentDecodingError):
        trouble = "broke off in the middle of its answer"
    except requests.exceptions.ConnectionError:
        trouble = "cannot be reached, or closes the connection"
    except Exception:  # whatever else: its text could hold what identifies the user
        trouble = "cannot be asked"
    return status, target, bytes(body), trouble


def _as_header(text: str) -> bytes:
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode("utf-8")


def _where(zugang: Zugang) -> str:
    return f"{zugang.portal} ({urlsplit(zugang.url).hostname})"


def _read_answer(zugang: Zugang, status: int, body: bytes) -> _Answer:
    answer = _Answer(status, body)
    if answer.table is not None and status == 200:
        return answer
    start = body[:200].removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith(b"<"):
        raise InputError(f"{_where(zugang)} answers with a web page (HTTP {status}): maintenance, or a wrong address")
    try:
        content = json.loads(body.removeprefix(b"\xef\xbb\xbf"))
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict):
        what = "nothing" if not start else "neither a table nor a message"
        raise InputError(f"{_where(zugang)} answers with {what} (HTTP {status}); try again later")
    said = content.get("Status")
    said = said if isinstance(said, dict) else content if "Code" in content else {"Content": said}
    code = said.get("Code")
    code = int(code) if isinstance(code, int) or (isinstance(code, str) and code.isdigit()) else None
    answer = _Answer(status, body, code, _shown(zugang, said.get("Content")), content)
    if status in (401, 403) or _refuses(answer):
        raise InputError(_rejected(zugang, answer.text))
    if status >= 500 or (status >= 400 and code is None):
        raise InputError(f"{_where(zugang)} answers with HTTP {status}{_quoted(answer.text)}; try again later")
    return answer


def _refuses(answer: _Answer) -> bool:
    """Whether an answer refuses the credentials."""
    text = answer.text.lower()
    fine = answer.code in (_OK, _ADJUSTED, _STARTED) or "erfolgreich" in text or "success" in text
    return answer.code == 15 or (not fine and any(word in text for word in _REFUSAL))


def _rejected(zugang: Zugang, text: str) -> str:
    which = "user or password" if zugang.password else "token"
    return f"{_where(zugang)} does not accept the {which}; each portal has its own registration{_quoted(text)}"


def _shown(zugang: Zugang, text) -> str:
    """Text of the server for a message: one short line without what identifies the user."""
    text = " ".join(text.split()) if isinstance(text, str) else ""
    for secret in {zugang.user, zugang.password} - {""}:
        for written in {secret, quote(secret), quote_plus(secret), json.dumps(secret)[1:-1]}:
            text = re.sub(re.escape(written), "***", text, flags=re.IGNORECASE)
    return "".join(c if c.isprintable() else "?" for c in text)[:300]


def _quoted(text: str) -> str:
    return f" (it says: {text})" if text else ""


def _check_login(zugang: Zugang, answer: _Answer) -> None:
    """Refuse credentials with which the service knows the user only as a guest."""
    if "systemfehler" in answer.text.lower():
        raise InputError(f"{_where(zugang)} is out of order{_quoted(answer.text)}; try again later")
    guest = str(answer.content.get("Username", "")).strip().upper() == "GAST"
    failed = answer.code not in (None, _OK, _ADJUSTED) or "fehler" in answer.text.lower()
    if guest or failed or not answer.content:
        raise InputError(_rejected(zugang, answer.text))


def _order(zugang: Zugang, ask, order: dict[str, str], say, geduld: Geduld) -> _Answer:
    """Start a job for a large table and fetch its result when it is there."""
    table = order["name"]
    if not zugang.may_order:
        raise InputError(
            f"{_where(zugang)}: {table} has more than 40,000 values and must be ordered, which a token may not; "
            "use user and password, or ask for fewer years or regions"
        )
    answer = ask("data/tablefile", **order, job="true")
    if answer.table is not None:
        return answer
    name = re.search(rf"{re.escape(table)}_[0-9]+", answer.text, flags=re.IGNORECASE)
    if answer.code not in (_STARTED, _OK) or not name:
        raise InputError(f"{_where(zugang)} does not start a job for {table}{_quoted(answer.text)}")
    job, began = name.group(), time.monotonic()
    while True:
        listed = ask("catalogue/results", selection=job, area="all", pagelength="100")
        entries = listed.content.get("List") or []
        if any(isinstance(entry, dict) and entry.get("Code") == job for entry in entries):
            answer = ask("data/resultfile", name=job, area="all", compress="false", format="ffcsv")
            if answer.code not in _NOTHING:
                return answer
        elif listed.code not in (None, _OK, _ADJUSTED, *_NOTHING):
            raise InputError(f"{_where(zugang)} does not list the results{_quoted(listed.text)}")
        waited = time.monotonic() - began
        if waited > geduld.auftrag:
            raise InputError(f"{_where(zugang)}: job {job} is not ready after {waited:.0f} seconds; try again later")
        say(f"{zugang.portal}: job {job} is being worked on ({waited:.0f} s)")
        time.sleep(geduld.pause)


def _whole(zugang: Zugang, table: str, answer: _Answer) -> bytes:
    """Body of an answer that is a whole table."""
    if answer.code in _NOTHING:
        raise InputError(f"{_where(zugang)}: nothing for {table} with these years and regions{_quoted(answer.text)}")
    if answer.code == _UNKNOWN:
        raise InputError(f"{_where(zugang)}: there is no table {table}{_quoted(answer.text)}")
    if answer.table is None:
        code = "" if answer.code is None else f" with code {answer.code}"
        raise InputError(f"{_where(zugang)} answers without a table{code}{_quoted(answer.text)}")
    if answer.table.startswith(b"PK"):
        try:
            with zipfile.ZipFile(io.BytesIO(answer.table)) as archive:
                names = archive.namelist()
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
            names = []
        if not names:
            raise InputError(f"{_where(zugang)}: the ZIP of {table} is not whole; try again")
    return answer.table
