"""The sections of a report's page, each a question and its answer."""

from clearprop.insight.report.classifier import WORST
from clearprop.insight.report.figures import Figures
from clearprop.insight.report.markup import chart, folded, percent, picture, section, table, text
from clearprop.insight.report.robustness import Curve
from clearprop.maths.calibration import BINS

MOST_IN_TABLE = 40
"""Classes; with more, the matrix is only in report.json."""
CONFUSED = 8


def classes(figures: Figures) -> str:
    """Return which classes are recognized, and which are confused."""
    alt = (
        f"Confusion matrix of {len(figures.classes)} classes: true classes down, predicted ones "
        "across; the table below has the same counts."
    )
    if figures.wrong:
        said = "Each row of the matrix is a true class. Blue is right; orange is a mistake, the "
        said += "darker the larger its share of the class."
    else:
        said = "Every row is recognized, so all counts are on the diagonal."
    return section(
        "classes",
        "Which classes does it mistake?",
        f"<p>{said}</p>",
        f'<div class="two"><div>{chart("confusion.png", alt)}</div>{_confused(figures)}</div>',
        _matrix(figures),
        _scores(figures),
    )


def _confused(figures: Figures) -> str:
    names = [one.name for one in figures.classes]
    pairs = [
        (count, names[i], names[j], count / sum(row))
        for i, row in enumerate(figures.confusion)
        for j, count in enumerate(row)
        if i != j and count
    ]
    worst = sorted(pairs, key=lambda pair: -pair[0])[:CONFUSED]
    rows = [
        (f"{text(true)} <span>taken for</span> {text(other)}", f"{count:,}", percent(share, 1))
        for count, true, other, share in worst
    ]
    if not rows:
        return ""
    return table(("most frequent mistakes", "rows", "of the class"), rows)


def _matrix(figures: Figures) -> str:
    if len(figures.classes) > MOST_IN_TABLE:
        return "<p>The matrix is too large for a table here: report.json has its counts.</p>"
    names = [one.name for one in figures.classes]
    rows = [
        (text(name), *(_cell(i == j, n, sum(row)) for j, n in enumerate(row)))
        for i, (name, row) in enumerate(zip(names, figures.confusion, strict=True))
    ]
    made = table(("true \\ taken for", *names), rows, "matrix")
    return folded("The confusion matrix as a table", made)


def _cell(right: bool, count: int, rows: int) -> str:
    if not count:
        return '<i class="none">0</i>'
    kind = "right" if right else "wrong"
    return f'<i class="{kind}" style="--share:{(count / rows) ** 0.5:.2f}">{count}</i>'


def _scores(figures: Figures) -> str:
    rows = [
        (
            text(one.name),
            *(_bar(score) for score in (one.precision, one.recall, one.f1)),
            f"{one.support:,}",
        )
        for one in figures.classes
    ]
    return (
        table(("class", "precision", "recall", "F1", "rows"), rows)
        + '<p class="note">Precision: of the rows predicted as the class, the share that is. '
        "Recall: of the rows of the class, the share that is found. F1: their harmonic mean. "
        "A dash means that there is nothing to divide by.</p>"
    )


def _bar(score: float | None) -> str:
    return f'<b style="--part:{100 * (score or 0):.1f}%">{percent(score, 1)}</b>'


def confidence(figures: Figures) -> str:
    """Return how well its confidence agrees with its accuracy."""
    title = "Is it as sure as it is right?"
    if figures.calibration_error is None:
        return section(
            "confidence",
            title,
            "<p>The outputs of this network are not probabilities (some are below 0 or above 1), "
            "so there is nothing to compare with its accuracy.</p>",
        )
    apart = figures.mean_confidence - figures.accuracy
    verdict = "surer than it is right" if apart > 0 else "less sure than it is right"
    alt = (
        "Reliability diagram: the accuracy of the rows in each bin of confidence, next to the "
        "line on which both are equal; below it the share of the rows in each bin."
    )
    bins = [
        (
            f"{k / BINS:.3f} to {(k + 1) / BINS:.3f}",
            percent(one.share),
            *((percent(one.confidence), percent(one.accuracy)) if one.share else ("–", "–")),
        )
        for k, one in enumerate(figures.calibration)
    ]
    return section(
        "confidence",
        title,
        f"<p>On average it gives its answer a probability of {percent(figures.mean_confidence)} "
        f"and is right in {percent(figures.accuracy)} of the rows: it is {verdict}, by "
        f"{100 * abs(apart):.2f} points. The expected calibration error, the mean distance between "
        f"confidence and accuracy over {BINS} bins of equal width, is "
        f"<strong>{percent(figures.calibration_error)}</strong>.</p>",
        chart("reliability.png", alt),
        '<p class="note">On the dashed line confidence equals accuracy. Points below it are '
        "overconfident, points above it underconfident; a bin with few rows (see the lower bars) "
        "says little.</p>",
        folded("The bins as a table", table(("confidence", "rows", "mean", "accuracy"), bins)),
    )


def abstention(figures: Figures) -> str:
    """Return how accurate it is if it may leave rows unanswered."""
    rows = [
        (
            f"{100 * one.share:.3g} %",
            f"{one.rows:,}",
            percent(one.accuracy),
            f"{round(one.rows * (1 - one.accuracy)):,}",
            f"{one.least_confidence:.4f}",
        )
        for one in figures.abstention
    ]
    alt = "Accuracy of the answered rows over the share that is answered; the table has figures."
    heads = ("answered", "rows", "accuracy", "mistakes", "least confidence")
    return section(
        "abstention",
        "How right is it if it may say “I do not know”?",
        "<p>The rows are ranked by confidence, and the least confident ones are left out, for "
        "a person to check, say. To answer a share of the rows, answer those with at least the "
        "table's least confidence.</p>",
        f'<div class="two"><div>{chart("abstention.png", alt)}</div>{table(heads, rows)}</div>',
    )


def robustness(figures: Figures) -> str:
    """Return the accuracy on corrupted pictures."""
    title = "What if the pictures were different?"
    if not figures.robustness:
        return section(
            "robustness",
            title,
            "<p>These rows are not pictures, so they cannot be rotated, shifted or blurred.</p>",
        )
    alt = "Accuracy over the strength of rotation, shift, noise and blur; the tables have figures."
    return section(
        "robustness",
        title,
        f"<p>The accuracy on {figures.robustness_rows:,} rows whose pictures were changed, as by "
        "a tilted page, a careless crop, a poor camera or a wrong focus.</p>",
        chart("robustness.png", alt),
        *map(_strip, figures.robustness),
        '<p class="note">Every second picture is rotated the other way; shifts go down, up, right '
        "and left in turn. Noise is Gaussian, its standard deviation a share of the brightness "
        "range; the blur's is in pixels. The same rows are always changed in the same way.</p>",
    )


def _strip(curve: Curve) -> str:
    """Return one of the pictures at each strength, above the accuracy."""
    shown = [
        picture(f"{curve.name}-{number}.png", f"{curve.name} {strength:g}")
        for number, strength in enumerate(curve.strengths)
    ]
    heads = (f"{curve.name}, {curve.unit}", *(f"{strength:g}" for strength in curve.strengths))
    accuracies = [percent(accuracy, 1) for accuracy in curve.accuracy]
    return table(heads, [("for example", *shown), ("accuracy", *accuracies)], "strip")


def mistakes(figures: Figures, has_pictures: bool) -> str:
    """Return its most confident mistakes."""
    title = "Where was it surest, and wrong?"
    if not figures.mistakes:
        return section("mistakes", title, "<p>Nowhere: every row is right.</p>")
    shown = len(figures.mistakes)
    said = f"All {shown} mistakes" if shown < WORST else f"The {shown} surest of all mistakes"
    intro = f"<p>{said}, the surest first. Some rows may be mislabeled.</p>"
    if not has_pictures:
        rows = [
            (f"{one.row:,}", text(one.predicted), percent(one.confidence, 1), text(one.truth))
            for one in figures.mistakes
        ]
        heads = ("row", "taken for", "confidence", "truth")
        return section("mistakes", title, intro, table(heads, rows))
    cards = "\n".join(
        f"<li>{picture(f'mistake-{number}.png', f'Row {one.row}: {one.truth}')}"
        f"<strong>{text(one.predicted)}</strong> <span>{percent(one.confidence, 1)}</span>"
        f"<small>truth: {text(one.truth)}<br>row {one.row:,}</small></li>"
        for number, one in enumerate(figures.mistakes, start=1)
    )
    return section("mistakes", title, intro, f'<ol class="cards">\n{cards}\n</ol>')
