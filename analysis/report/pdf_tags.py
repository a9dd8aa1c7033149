"""The structure of a printed PDF, completed for readers with a screen reader (PDF/UA-1 where Chromium stops)."""

from collections.abc import Iterator

from pypdf import PdfWriter
from pypdf.generic import (
    ArrayObject,
    ContentStream,
    DictionaryObject,
    NameObject,
    NullObject,
    StreamObject,
    TextStringObject,
)

_STANDARD = {
    "Document", "Part", "Art", "Sect", "Div", "BlockQuote", "Caption", "TOC", "TOCI", "Index", "NonStruct",
    "Private", "H", "H1", "H2", "H3", "H4", "H5", "H6", "P", "L", "LI", "Lbl", "LBody", "Table", "TR", "TH", "TD",
    "THead", "TBody", "TFoot", "Span", "Quote", "Note", "Reference", "BibEntry", "Code", "Link", "Annot", "Ruby",
    "RB", "RT", "RP", "Warichu", "WT", "WP", "Figure", "Formula", "Form",
}  # fmt: skip
"""Types of structure elements of PDF 1.7."""
_INLINE = frozenset(("Strong", "Em"))

_PAINT = frozenset((b"f", b"F", b"f*", b"S", b"s", b"B", b"B*", b"b", b"b*", b"n"))
_PATH = frozenset((b"m", b"re"))
_ALONE = frozenset((b"Do", b"sh", b"INLINE IMAGE"))
_ARTIFACT = ([NameObject("/Artifact")], b"BMC")
_RUNNING = ([NameObject("/Artifact"), DictionaryObject({NameObject("/Type"): NameObject("/Pagination")})], b"BDC")
_END = ([], b"EMC")


def complete_tags(writer: PdfWriter, links: dict[str, tuple[str, str]], formeln: frozenset[str] = frozenset()) -> None:
    """Complete the structure tree, the marks in the pages and the links; changes `writer`.

    Lists get bodies, a frame around a picture is no second picture, types outside the standard are mapped to it, a
    table heading that is repeated on a further page is read once, and everything that is no content (running title,
    page number, lines, backgrounds) is marked so.

    Parameters
    ----------
    links
        Target as the page writes it, and text, of each link by its address in the PDF (`#id` inside the page).
    formeln
        Texts that describe no picture but a formula.
    """
    root = writer.root_object["/StructTreeRoot"]
    parents = _parent_tree(root)
    repeated: dict[int, set[int]] = {}
    foreign = {}
    for element in list(_elements(root)):
        kind = element["/S"]
        if kind == "/LI":
            _give_body(writer, element, parents)
        elif kind == "/Figure" and "/Alt" not in element:
            element[NameObject("/S")] = NameObject("/Div")
        elif kind == "/Figure" and element["/Alt"] in formeln:
            element[NameObject("/S")] = NameObject("/Formula")
        elif kind == "/TH" and _scope(element) == "/Column":
            _read_once(element, parents, repeated)
        if kind[1:] not in _STANDARD:
            foreign[kind] = "/Span" if kind[1:] in _INLINE else "/Div"
    if foreign:
        root[NameObject("/RoleMap")] = DictionaryObject(
            {NameObject(kind): NameObject(foreign[kind]) for kind in sorted(foreign)}
        )
    for page in writer.pages:
        _mark_artifacts(writer, page, repeated.get(page.get("/StructParents", -1), set()))
        page[NameObject("/Tabs")] = NameObject("/S")
        for annotation in page.get("/Annots", ArrayObject()).get_object():
            _describe_link(annotation.get_object(), links)


def _elements(element: DictionaryObject) -> Iterator[DictionaryObject]:
    """Structure elements below one, in reading order."""
    for kid in _kids(element):
        kid = kid.get_object()
        if isinstance(kid, DictionaryObject) and "/S" in kid:
            yield kid
            yield from _elements(kid)


def _kids(element: DictionaryObject) -> list:
    if "/K" not in element:
        return []
    return list(element["/K"]) if isinstance(element["/K"], ArrayObject) else [element.raw_get("/K")]


def _scope(element: DictionaryObject) -> str | None:
    attributes = element.get("/A", ArrayObject()).get_object()
    for attribute in attributes if isinstance(attributes, ArrayObject) else [attributes]:
        if "/Scope" in attribute.get_object():
            return attribute.get_object()["/Scope"]
    return None


def _parent_tree(root: DictionaryObject) -> dict[int, ArrayObject]:
    """Elements of the marked contents of each page, by the page's number in the structure tree."""
    found, waiting = {}, [root["/ParentTree"]]
    while waiting:
        node = waiting.pop().get_object()
        waiting += node.get("/Kids", ArrayObject()).get_object()
        numbers = node.get("/Nums", ArrayObject()).get_object()
        for key, value in zip(numbers[::2], numbers[1::2], strict=True):
            if isinstance(value.get_object(), ArrayObject):
                found[int(key)] = value.get_object()
    return found


def _give_body(writer: PdfWriter, item: DictionaryObject, parents: dict[int, ArrayObject]) -> None:
    """Put what a list item holds beside its label into one body."""
    labels, rest = [], []
    for kid in _kids(item):
        (labels if _is(kid, "/Lbl") else rest).append(kid)
    if not rest or all(_is(kid, "/LBody") for kid in rest):
        return
    body = DictionaryObject({NameObject("/S"): NameObject("/LBody"), NameObject("/K"): ArrayObject(rest)})
    body[NameObject("/P")] = item.indirect_reference
    if "/Pg" in item:
        body[NameObject("/Pg")] = item.raw_get("/Pg")
    reference = writer._add_object(body)
    for kid in rest:
        content = kid.get_object()
        if isinstance(content, DictionaryObject) and "/S" in content:
            content[NameObject("/P")] = reference
        elif "/Pg" in item or isinstance(content, DictionaryObject):
            page, number = _marked(kid, item)
            parents[page["/StructParents"]][number] = reference
    item[NameObject("/K")] = ArrayObject([*labels, reference])


def _is(kid, kind: str) -> bool:
    content = kid.get_object()
    return isinstance(content, DictionaryObject) and content.get("/S") == kind


def _marked(kid, element: DictionaryObject) -> tuple[DictionaryObject, int]:
    """Page and number of a marked content, which is a number on the element's page or a reference to another."""
    content = kid.get_object()
    if isinstance(content, DictionaryObject):
        return content.get("/Pg", element.get("/Pg")).get_object(), int(content["/MCID"])
    return element["/Pg"].get_object(), int(content)


def _read_once(heading: DictionaryObject, parents: dict[int, ArrayObject], repeated: dict[int, set[int]]) -> None:
    """Take the repetitions of a column heading on further pages out of the tree and note them in `repeated`."""
    first = None
    for element in [heading, *_elements(heading)]:
        kept = []
        for kid in _kids(element):
            content = kid.get_object()
            if isinstance(content, DictionaryObject) and content.get("/Type") != "/MCR":
                kept.append(kid)
                continue
            page, number = _marked(kid, element)
            first = page["/StructParents"] if first is None else first
            if page["/StructParents"] == first:
                kept.append(kid)
            else:
                repeated.setdefault(int(page["/StructParents"]), set()).add(number)
                parents[page["/StructParents"]][number] = NullObject()
        if "/K" in element:
            element[NameObject("/K")] = ArrayObject(kept)


def _mark_artifacts(writer: PdfWriter, page: DictionaryObject, repeated: set[int]) -> None:
    """Mark what is outside all marked contents as no content, and the `repeated` contents with it."""
    content = ContentStream(page["/Contents"], writer)
    marked, depth, open_path = [], 0, False
    for operands, operator in content.operations:
        if operator in (b"BDC", b"BMC"):
            depth += 1
            properties = operands[1] if operator == b"BDC" else None
            if isinstance(properties, DictionaryObject) and properties.get("/MCID") in repeated:
                operands, operator = _RUNNING
        elif operator == b"EMC":
            depth -= 1
        elif depth == 0 and operator == b"BT":
            marked.append(_RUNNING)
        elif depth == 0 and operator in _PATH and not open_path:
            open_path = True
            marked.append(_ARTIFACT)
        elif depth == 0 and operator in _ALONE:
            marked.append(_ARTIFACT)
        marked.append((operands, operator))
        if depth == 0 and (operator in _ALONE or operator == b"ET" or (open_path and operator in _PAINT)):
            open_path = False
            marked.append(_END)
    content.operations = marked
    stream = StreamObject()
    stream.set_data(content.get_data())
    page[NameObject("/Contents")] = writer._add_object(stream.flate_encode())


def _describe_link(annotation: DictionaryObject, links: dict[str, tuple[str, str]]) -> None:
    """Say what a link says, and give one to a file beside the page its address without this machine's folders."""
    if annotation.get("/Subtype") != "/Link":
        return
    action = annotation.get("/A", DictionaryObject()).get_object()
    address = f"#{annotation['/Dest'][1:]}" if "/Dest" in annotation else str(action.get("/URI", ""))
    target, text = links.get(address, ("", address.rpartition("/")[2].lstrip("#")))
    annotation[NameObject("/Contents")] = TextStringObject(text)
    if address.startswith("file:"):
        action[NameObject("/URI")] = TextStringObject(target)
