"""The finished pages as they are drawn: zoom, wide spacing, forced colours, keyboard, a network that is not there."""

import pytest

KREIS = "16077_altenburger_land"

OPEN = "document.querySelectorAll('details').forEach(d => d.open = true)"

BEYOND = """kinds => [...document.querySelectorAll("body *")].filter(n => !n.closest(".unsichtbar, thead")
    && kinds.includes(getComputedStyle(n).overflowX)
    && (n.scrollWidth > n.clientWidth + 1 || n.scrollHeight > n.clientHeight + 1)).map(n => n.outerHTML.slice(0, 80))"""

# WCAG 1.4.12: what a reader may set; the page's policy forbids new style elements, not a reader's own sheet.
SPACING = """() => { const sheet = new CSSStyleSheet(); sheet.replaceSync(
    "* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }" +
    "p { margin-bottom: 2em !important }"); document.adoptedStyleSheets = [sheet]; }"""

FOCUSABLE = "a[href], area[href], summary, button, input, select, textarea, iframe, [tabindex], [contenteditable]"


@pytest.mark.parametrize("width", [1200, 600, 390, 320])  # 600: 1200 px at 200 % zoom; 320: 1280 px at 400 %
def test_enlarged_and_with_wide_spacing_nothing_is_cut_off(pages, opened, width):
    page = opened(pages["index"], width)
    for name in ("index", KREIS, "99099_musterkreis_erfunden"):
        page.goto(pages[name].as_uri())
        page.evaluate(OPEN)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        assert page.evaluate(BEYOND, ["hidden", "clip", "auto", "scroll"]) == [], name
        page.evaluate(SPACING)  # with it a table may be scrolled, but nothing is lost
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        assert page.evaluate(BEYOND, ["hidden", "clip"]) == [], name


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_forced_colours_leave_text_pictures_and_borders_visible(pages, opened, scheme):
    page = opened(pages[KREIS], forced_colors="active", color_scheme=scheme)
    page.evaluate(OPEN)
    assert page.evaluate("matchMedia('(forced-colors: active)').matches")
    assert page.evaluate(CONTRASTS) == []
    for query in (".hinweis", "nav", "thead th", ".kuerze li"):
        first = page.locator(query).first
        assert first.evaluate(
            "n => ['Top', 'Left', 'Bottom'].some(s => getComputedStyle(n)['border' + s + 'Style'] === 'solid')"
        )
    for picture in page.locator("img").all():
        assert picture.evaluate(
            "i => i.naturalWidth > 500 && i.offsetWidth > 200 && getComputedStyle(i).opacity === '1'"
        )


CONTRASTS = """() => {
    const probe = document.createElement("div");
    document.body.append(probe);
    probe.style.backgroundColor = "Canvas";
    const canvas = getComputedStyle(probe).backgroundColor;
    probe.remove();
    const linear = x => x <= .04045 ? x / 12.92 : ((x + .055) / 1.055) ** 2.4;
    const light = colour => {
        const [red, green, blue] = colour.match(/[\\d.]+/g).slice(0, 3).map(x => linear(x / 255));
        return .2126 * red + .7152 * green + .0722 * blue;
    };
    const ground = n => {
        for (; n; n = n.parentElement) {
            const colour = getComputedStyle(n).backgroundColor;
            if (!/, 0\\)$/.test(colour)) return colour;
        }
        return canvas;
    };
    const ratio = (a, b) => (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    return [...document.querySelectorAll("h1, h2, h3, p, li, a, td, th, caption, figcaption, summary, dt, dd, span")]
        .filter(n => n.textContent.trim() && ratio(light(getComputedStyle(n).color), light(ground(n))) < 4.5)
        .map(n => [n.tagName, getComputedStyle(n).color, ground(n)]);
}"""


@pytest.mark.parametrize("folded", ["in", "out"])
@pytest.mark.parametrize("name", ["index", KREIS])
def test_the_keyboard_goes_through_everything_in_reading_order_with_a_visible_mark(pages, opened, name, folded):
    page = opened(pages[name])
    if folded == "out":
        page.evaluate(OPEN)
    number = f"""() => [...document.querySelectorAll("{FOCUSABLE}")].filter(n => n.checkVisibility())
        .map((n, i) => {{ n.dataset.nummer = i; return n.getAttribute("tabindex"); }})"""
    tabindexes = page.evaluate(number)
    assert tabindexes and set(tabindexes) <= {None, "0"}
    focus = """() => { const n = document.activeElement, s = getComputedStyle(n), r = n.getBoundingClientRect();
        return [n.dataset.nummer || n.tagName + n.className,
                s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2,
                r.width > 0 && r.top >= 0 && r.left >= 0 && r.bottom <= innerHeight]; }"""
    for number in range(len(tabindexes)):
        page.keyboard.press("Tab")
        assert page.evaluate(focus) == [str(number), True, True]
    page.keyboard.press("Tab")
    assert page.evaluate(focus)[0] in ("BODY", "0")  # the end: nothing that was not in the list takes the focus
    for number in reversed(range(len(tabindexes) - 1)):
        page.keyboard.press("Shift+Tab")
        if number == len(tabindexes) - 2 and page.evaluate(focus)[0] != str(number):
            page.keyboard.press("Shift+Tab")
        assert page.evaluate(focus)[0] == str(number)


def test_the_skip_link_leads_past_the_contents(pages, opened):
    page = opened(pages[KREIS])
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")


def test_details_open_by_keyboard(pages, opened):
    page = opened(pages[KREIS])
    page.locator("summary").first.focus()
    page.keyboard.press("Enter")
    assert page.locator("details[open] table").first.is_visible()


ADDRESSES = """() => {
    const names = ["src", "srcset", "href", "xlink:href", "data", "poster", "action", "formaction", "cite", "ping",
                   "background", "manifest"];
    return [...document.querySelectorAll("*")].flatMap(n => names.map(a => n.getAttribute(a)).filter(Boolean));
}"""


def test_a_page_asks_for_nothing_even_without_its_policy_and_with_everything_shown(pages, opened):
    page = opened(pages["index"], bypass_csp=True)
    for name, path in pages.items():
        page.seen.clear()
        page.emulate_media(media="screen")
        page.goto(path.as_uri())
        page.evaluate(OPEN)
        page.evaluate("document.querySelectorAll('img').forEach(i => { i.loading = 'eager'; i.scrollIntoView(); })")
        page.evaluate("Promise.all([...document.images].map(i => i.decode()))")
        page.emulate_media(media="print")
        assert page.seen == [path.as_uri()], name
        for address in page.evaluate(ADDRESSES):
            own = address.startswith(("#", "data:image/png;base64,", "mailto:")) or (path.parent / address).is_file()
            assert own, (name, address[:80])
        style = page.locator("style").inner_text()
        assert "url(" not in style and "@import" not in style and "@font-face" not in style
