import xml.etree.ElementTree as ET

import pytest

from analysis import outputs
from analysis.formeln import mathml

WILSON = r"\frac{p + \frac{z^2}{2n} \pm z \sqrt{\frac{p(1-p)}{n} + \frac{z^2}{4n^2}}}{1 + \frac{z^2}{n}}"


def test_a_formula_becomes_well_formed_mathml():
    tree = ET.fromstring(mathml(WILSON, block=True, vorgelesen="p plus"))
    assert tree.tag == "math" and tree.attrib == {"display": "block", "alttext": "p plus"}
    assert [child.tag for child in tree[0]] == ["mfrac"] and len(tree[0][0]) == 2
    assert "".join(tree.itertext()) == "p+z22n±zp(1−p)n+z24n21+z2n"


def test_a_plain_formula_is_the_mathml_of_the_standard():
    """Presentation markup of a fraction as MathML Core defines it: numerator first, identifiers and numbers apart."""
    fraction = "<mfrac><mrow><mi>a</mi></mrow><mrow><mn>2</mn></mrow></mfrac>"
    assert mathml(r"\frac{a}{2}", vorgelesen="a halbe") == f'<math alttext="a halbe"><mrow>{fraction}</mrow></math>'


def test_a_formula_is_read_out_in_german():
    assert ET.fromstring(mathml(r"z = 1{,}96 \pm \sqrt{n^2}")).attrib["alttext"] == (
        "z gleich 1 Komma 96 plus oder minus Wurzel aus n hoch 2 Ende der Wurzel"
    )
    assert ET.fromstring(mathml(r"\sqrt[3]{x} + y")).attrib["alttext"] == (
        "Wurzel aus x mit Wurzelexponent 3 Ende der Wurzel plus y"
    )


@pytest.mark.parametrize(
    ("latex", "message"),
    [
        (r"\frac{a}", "has 1 parts"), ("{", "cannot be read"), (r"\zauberei{x}", r"command '\\\\zauberei'"),
        (r"\href{javascript:alert(1)}{x}", "'href' has no place"), (r"\style{x}{y}", "'style' has no place"),
        (r"\class{x}{y}", "'class' has no place"), (r"\color{red}{x}", "has no place"), (" ", "cannot be read"),
    ],
)  # fmt: skip
def test_what_is_no_formula_or_more_than_one_is_refused(latex, message):
    with pytest.raises(ValueError, match=message):
        mathml(latex)


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "&lt;b&gt;", "</math>"]
)
def test_markup_in_a_formula_stays_text(text):
    for latex in (rf"\text{{{text}}}", text):
        tree = ET.fromstring(mathml(latex, vorgelesen=text))
        assert {e.tag for e in tree.iter()} <= {"math", "mrow", "mtext", "mi", "mo", "mn"}


def test_a_formula_shows_itself_in_jupyterlab():
    data, _ = outputs.formel(WILSON, "Intervall nach Wilson")._repr_mimebundle_()
    assert '<math display="block" alttext="Intervall nach Wilson">' in data["text/html"]
    with pytest.raises(ValueError, match="vorgelesen is missing"):
        outputs.formel(WILSON, "")
