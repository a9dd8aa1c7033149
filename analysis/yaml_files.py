"""YAML files read so that a mistake is an error: duplicate keys, unreadable text, what the file's schema forbids."""

import json
import re
import sys
from pathlib import Path

import yaml

from analysis.errors import InputError

_MOST_BYTES, _MOST_PARTS, _DEEPEST = 5_000_000, 200_000, 500


class _Loader(yaml.CSafeLoader if hasattr(yaml, "CSafeLoader") else yaml.SafeLoader):
    """Safe loader that refuses a key that stands twice (YAML itself would keep the last one silently)."""


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict:
    seen = set()
    for key_node, _ in node.value:
        key = loader.construct_object(key_node, deep=True)
        if key in seen:
            line = key_node.start_mark.line + 1
            raise yaml.YAMLError(f"line {line}: {key!r} stands twice in the same list of keys")
        seen.add(key)
    return loader.construct_mapping(node, deep=True)


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


class _TextDates(_Loader):
    """The same loader, but a date stays the text that was written."""


_TextDates.yaml_implicit_resolvers = {
    first: [rule for rule in rules if rule[0] != "tag:yaml.org,2002:timestamp"]
    for first, rules in _Loader.yaml_implicit_resolvers.items()
}


def load_yaml(path: Path, schema: Path | None = None, *, dates_as_text: bool = False) -> dict:
    """Content of a YAML file as dict, checked against a JSON schema.

    With `dates_as_text` an unquoted date stays text, so that one that does not exist can be refused by whoever knows
    its place.

    Raises
    ------
    InputError
        The file is missing, too large, not UTF-8, not valid YAML, not a mapping, has a key twice, or does not
        follow the schema; the text names the file, the place and what was expected.
    """
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise InputError(f"{path}: larger than {_MOST_BYTES:,} bytes")
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise InputError(f"{path}: there is no such file") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from None
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8 (byte {error.start}); save the file as UTF-8") from None
    content = parse_yaml(path, text, dates_as_text=dates_as_text)
    if schema is not None:
        _check_schema(path, content, schema)
    return content


def parse_yaml(path: Path, text: str, *, dates_as_text: bool = False) -> dict:
    """Content of a text in YAML; `path` is the name for messages.

    Raises
    ------
    InputError
        As `load_yaml`.
    """
    try:
        if _depth(text) > _DEEPEST:
            raise InputError(f"{path}: not valid YAML: nested too deeply")
        content = yaml.load(text, Loader=_TextDates if dates_as_text else _Loader)
    except RecursionError:
        raise InputError(f"{path}: not valid YAML: nested too deeply") from None
    except (yaml.YAMLError, TypeError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{path}: not valid YAML: {' '.join(str(error).split())[:300]}") from None
    if not isinstance(content, dict):
        raise InputError(f"{path}: expected a YAML mapping (key: value), found {type(content).__name__}")
    _check_size(path, content)
    return content


def _depth(text: str) -> int:
    """Most brackets that are open at once; the parser itself breaks down at some ten thousand."""
    depth = most = 0
    for bracket in re.findall(r"[\[\]{}]", text):
        depth += 1 if bracket in "[{" else -1
        most = max(most, depth)
    return most


def _check_size(path: Path, content: dict) -> None:
    """Refuse a file whose repeated parts (anchors) would grow without end when written out."""
    parts, waiting = 0, [content]
    while waiting:
        part = waiting.pop()
        parts += 1
        if parts > _MOST_PARTS:
            raise InputError(f"{path}: more than {_MOST_PARTS:,} entries when its anchors are written out")
        if isinstance(part, dict):
            waiting += part.values()
        elif isinstance(part, list):
            waiting += part


def _jsonschema():
    """The library jsonschema without its check of IRIs, not used here: its grammar takes a second to build."""
    grammar = "rfc3987_syntax"
    loaded = sys.modules.get(grammar)
    sys.modules[grammar] = loaded  # None: not there
    try:
        import jsonschema
    finally:
        if loaded is None:
            del sys.modules[grammar]
    return jsonschema


def _check_schema(path: Path, content: dict, schema: Path) -> None:
    jsonschema = _jsonschema()
    rules = json.loads(schema.read_text(encoding="utf-8"))
    # YAML reads an unquoted date as a date; the schema speaks of JSON, where dates are text.
    try:
        as_json = json.loads(json.dumps(content, default=str))
    except (TypeError, ValueError) as error:  # a date as key, a number of thousands of digits
        raise InputError(f"{path}: {str(error)[:150]}; expected keys of text and ordinary numbers") from None
    errors = sorted(jsonschema.Draft202012Validator(rules).iter_errors(as_json), key=lambda e: list(map(str, e.path)))
    if errors:
        place = ".".join(str(p + 1 if isinstance(p, int) else p) for p in errors[0].absolute_path) or "top level"
        raise InputError(f"{path}, {place}: {errors[0].message[:300]}")
