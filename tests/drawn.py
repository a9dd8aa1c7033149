"""What the drawings are checked with: labels inside the figure, none covering another, text sizes, greys."""

import matplotlib.colors
import numpy as np

from analysis import figures
from analysis.catalogue import katalog

_TOUCH = 1.0
"""Pixels that boxes of two texts may share (their boxes have air around the letters)."""


def visible_texts(figure) -> list:
    """Texts of labels, titles, legends, ticks within the axes' range."""
    found = []
    for ax in figure.axes:
        found += [t for t in ax.texts if t.get_visible() and t.get_text()]
        found += [t for t in (ax.title, ax._left_title, ax.xaxis.label, ax.yaxis.label) if t.get_text()]
        for axis in (ax.xaxis, ax.yaxis):
            low, high = sorted(axis.get_view_interval())
            found += [
                tick.label1 if tick.label1.get_visible() else tick.label2
                for tick in axis.get_major_ticks()
                if low - 1e-9 <= tick.get_loc() <= high + 1e-9
            ]
    found += [text for legend in figure.legends for text in legend.get_texts()]
    return [t for t in found if t.get_text()]


def check_labels(figure) -> None:
    """Every text inside the figure, of at least 9 points, none on another; as the picture is saved."""
    figure.set_dpi(figures.DPI)
    figure.draw_without_rendering()
    boxes = [(text, text.get_window_extent()) for text in visible_texts(figure)]
    for text, box in boxes:
        assert box.x0 >= -1 and box.y0 >= -1, text.get_text()
        assert box.x1 <= figure.bbox.width + 1 and box.y1 <= figure.bbox.height + 1, text.get_text()
        assert text.get_fontsize() >= 9, text.get_text()
    for n, (text, box) in enumerate(boxes):
        for other, there in boxes[n + 1 :]:
            wide = min(box.x1, there.x1) - max(box.x0, there.x0)
            high = min(box.y1, there.y1) - max(box.y0, there.y0)
            assert wide <= _TOUCH or high <= _TOUCH, (text.get_text(), other.get_text())


def lightness(colour) -> float:
    """CIE lightness, 0 (black) to 100 (white)."""
    rgb = np.array(matplotlib.colors.to_rgb(colour))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return 116 * float(linear @ [0.2126, 0.7152, 0.0722]) ** (1 / 3) - 16


QUOTE = katalog().indikator("arbeitslosenquote")
"""An indicator in per cent with one decimal."""
