"""Every metric: which way is better, and how it is written."""

from typing import NamedTuple

from clearprop.errors import known


class Metric(NamedTuple):
    """A metric, or the loss.

    Attributes:
        title: its usual name.
        rises: whether larger is better.
        is_share: whether it is a share of rows, written in percent.
        least: its smallest possible value.
        most: its largest possible value.
    """

    title: str
    rises: bool
    is_share: bool = False
    least: float = 0.0
    most: float = float("inf")


METRICS = {
    "accuracy": Metric("accuracy", rises=True, is_share=True, most=1.0),
    "balanced_accuracy": Metric("balanced accuracy", rises=True, is_share=True, most=1.0),
    "brier": Metric("Brier score", rises=False),
    "f1": Metric("F1", rises=True, most=1.0),
    "log_loss": Metric("log loss", rises=False),
    "loss": Metric("loss", rises=False, least=-float("inf")),
    "mae": Metric("mean absolute error", rises=False),
    "r2": Metric("R²", rises=True, least=-float("inf"), most=1.0),
    "rmse": Metric("root mean square error", rises=False),
    "roc_auc": Metric("area under the ROC curve", rises=True, most=1.0),
    "subset_accuracy": Metric("subset accuracy", rises=True, is_share=True, most=1.0),
}


def direction(name: str) -> float:
    """Return 1 for a metric of which more is better, and -1 for one of which less is.

    Raises:
        SettingError: there is no metric of that name.
    """
    known("metric", name, METRICS)
    return 1.0 if METRICS[name].rises else -1.0


def in_words(name: str, value: float | None) -> str:
    """Return a metric's value as people write it; a dash for None.

    >>> in_words("accuracy", 0.98765), in_words("rmse", 54.3219), in_words("r2", None)
    ('98.77 %', '54.32', '-')
    """
    if value is None:
        return "-"
    return f"{100 * value:.2f} %" if METRICS[name].is_share else number(value)


def number(value: float, digits: int = 4, sign: str = "") -> str:
    """Return a number with this many significant digits; `sign` "+" shows a positive one's sign.

    >>> number(54.3219), number(87240.6), number(0.000012345), number(1234567, 6, "+")
    ('54.32', '87,240', '1.234e-05', '+1,234,570')
    """
    rounded = float(f"{value:.{digits}g}")
    return f"{rounded:{sign},.0f}" if 1e3 <= abs(rounded) < 1e9 else f"{value:{sign}.{digits}g}"
