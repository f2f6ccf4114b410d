"""From a gray picture to its ink: paper, ruled lines, specks and dark edges taken away.

`gray` is always uint8 (height, width), 0 is black; `ink` is float64 (height, width), 0 where
the paper shows and up to 1 where the ink is at its fullest.
"""

from typing import Any

import numpy as np

from clearprop.data.pictures.placing import bounding_box, dilate

Array = np.ndarray[Any, Any]

_SAMPLES = 100  # points on a side that paper is fitted to: more take time and change nothing
_FITS = 6  # ink that touches the border drops out in the first three or four
_CELLS = 96  # cells on a side; parts closer than one cell are taken as one
_FAINT = 0.08  # of the fullest ink: less is paper (enlarged MNIST digits come back best so)
_CONTRAST = 16.0  # gray levels between paper and ink under which a picture counts as blank


def extract_ink(gray: Array, *, strong: float = 0.35) -> Array | None:
    """Return how far each pixel is from the paper, or None where nothing stands out.

    The paper is a smooth surface fitted to those pixels of the border that look alike, so that
    light falling from one side does no harm. Ink is whichever side of the paper, darker or lighter,
    has the larger distances. What is fainter than four times the paper's noise, ruled lines,
    specks, and dark edges beside a whole drawing become 0.

    Args:
        gray: uint8 (height, width).
        strong: share of the fullest ink that fainter ink must lie beside to count (so ruled
            lines go); 0 where pale areas belong to the object, as on clothes.

    Returns:
        float64 (height, width) in [0, 1]: 0 on the paper, 1 at black on white paper (at white on
        black paper). None for a blank picture.
    """
    depth, noise, reach = _depth(gray)
    if noise > 1.0:  # a clean drawing is left as it is: the median would eat thin lines
        depth, noise, reach = _depth(_median_filtered(gray))
    fullest = depth.max()
    if fullest < max(_CONTRAST, 6.0 * noise):
        return None
    depth = np.where(depth >= max(_FAINT * fullest, 4.0 * noise), depth, 0.0)
    return np.clip(np.where(_drawn(depth, strong * fullest), depth, 0.0) / reach, 0.0, 1.0)


def _depth(gray: Array) -> tuple[Array, float, float]:
    """Distance from the paper (ink positive), the paper's noise, the largest distance possible."""
    exact = gray.astype(np.float64)
    noise = _noise(exact)
    paper = _fitted_paper(exact, noise)
    depth = paper - exact
    # The cube: many pixels of noise must not outvote a thin line.
    if (depth * depth * depth).sum() >= 0:
        return depth, noise, float(np.clip(np.median(paper), 1.0, 255.0))
    return -depth, noise, float(np.clip(255.0 - np.median(paper), 1.0, 255.0))


def _fitted_paper(gray: Array, noise: float) -> Array:
    """A quadratic surface through the border, fitted again without what lies far from it.

    Only through the border: what lies inside may be ink as pale as paper in the shade.
    """
    step = max(1, max(gray.shape) // _SAMPLES)
    y, x = np.linspace(-1, 1, gray.shape[0])[:, None], np.linspace(-1, 1, gray.shape[1])
    border = np.ones(gray[::step, ::step].shape, bool)
    border[1:-1, 1:-1] = False
    levels = gray[::step, ::step][border]
    terms = np.stack(_terms(y[::step], x[::step]), axis=-1)[border]
    fitted = np.full(levels.shape, np.median(levels))
    for _ in range(_FITS):
        away = np.abs(levels - fitted)
        kept = away <= max(2.0, 3.0 * noise, 4.5 * float(np.median(away)))
        coefficients = np.linalg.lstsq(terms[kept], levels[kept], rcond=1e-6)[0]
        fitted = terms @ coefficients
    return sum(c * term for c, term in zip(coefficients, _terms(y, x), strict=True))


def _noise(gray: Array) -> float:
    """Standard deviation of the border's noise, from differences three pixels apart.

    Neighbors share what a median filter left, and slow light cancels. The third quartile,
    since half of the paper may be clipped at 255, where all differences are 0.
    """
    lines = (gray[0], gray[-1], gray[:, 0], gray[:, -1])
    steps = np.concatenate([np.abs(line[3:] - line[:-3]) for line in lines])
    return float(np.quantile(steps, 0.75)) / 1.63 if steps.size else 0.0


def _terms(y: Array, x: Array) -> tuple[Array, ...]:
    one = np.ones_like(y * x)
    return one, x * one, y * one, x * x * one, x * y, y * y * one


def _median_filtered(gray: Array) -> Array:
    from PIL import Image, ImageFilter

    return np.asarray(Image.fromarray(gray).filter(ImageFilter.MedianFilter(3)))


def _drawn(depth: Array, strong: float) -> Array:
    """Mask of the drawing: beside strong ink, in a part that is neither speck nor edge."""
    cell = -(-max(depth.shape) // _CELLS)
    padded = np.pad(depth, [(0, -n % cell) for n in depth.shape])
    height, width = (n // cell for n in padded.shape)
    cells = padded.reshape(height, cell, width, cell)
    near = dilate(cells.max(axis=(1, 3)) >= strong)
    parts = _kept(_parts(near & (cells.max(axis=(1, 3)) > 0)), cells.sum(axis=(1, 3)))
    inside = np.any(parts, axis=0).repeat(cell, axis=0).repeat(cell, axis=1)
    return inside[: depth.shape[0], : depth.shape[1]]


def _kept(parts: list[Array], mass: Array) -> list[Array]:
    """Drop the edge of a desk or a shadow, then what weighs under a thirtieth of the heaviest.

    A part that touches the picture's border is dropped only where another one that spans an
    eighth of the picture does not: a tightly cropped digit touches the border everywhere.
    """
    whole = [part for part in parts if not _touches_border(part)]
    if any(_span(part) * 8 >= max(mass.shape) for part in whole):
        parts = whole
    heaviest = max(mass[part].sum() for part in parts)
    return [part for part in parts if mass[part].sum() * 30 >= heaviest]


def _touches_border(part: Array) -> bool:
    return bool(part[[0, -1]].any() or part[:, [0, -1]].any())


def _span(part: Array) -> int:
    top, bottom, left, right = bounding_box(part)
    return max(bottom - top, right - left)


def _parts(mask: Array) -> list[Array]:
    """The connected parts of a mask, corners touching included."""
    parts, left = [], mask.copy()
    while left.any():
        part = np.zeros_like(mask)
        part.flat[np.argmax(left)] = True
        while (wider := dilate(part) & left).sum() > part.sum():
            part = wider
        parts.append(part)
        left &= ~part
    return parts
