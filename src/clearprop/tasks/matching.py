"""The one rule by which labels, wherever they come from, are matched with names.

By name first: "cat" is "cat", and the whole number 7 is the class called "7". If none of the labels
is a name, whole numbers count the names from 0.
"""

from collections.abc import Iterable, Sequence

import numpy as np

from clearprop.errors import DataError, in_one_line

MOST_CLASSES = 65_536
"""How many classes may be inferred from labels alone: more are taken for a mistake."""


def rank(name: str) -> tuple[bool, int, str]:
    """Return what names are sorted by: 2 before 10, and whole numbers before words."""
    digits = name.removeprefix("-")
    is_number = digits.isascii() and digits.isdecimal() and len(digits) <= 18
    return (not is_number, int(name) if is_number else 0, name)


def in_order(names: Iterable[str]) -> tuple[str, ...]:
    """Return different names in the order in which classes are numbered.

    >>> in_order(["10", "9", "cat", "9"])
    ('9', '10', 'cat')
    """
    return tuple(sorted(set(names), key=rank))


def are_numbers(names: Sequence[str]) -> bool:
    """Return whether names are nothing but the numbers from 0 up."""
    return tuple(names) == tuple(map(str, range(len(names))))


def answers(numbers: np.ndarray, names: Sequence[str]) -> np.ndarray:
    """Return the labels of class numbers: whole numbers where every name is one, else the names.

    >>> answers(np.array([1, 0, 1]), ("3", "5")).tolist()
    [5, 3, 5]
    >>> answers(np.array([1, 0, 1]), ("no", "yes")).tolist()
    ['yes', 'no', 'yes']
    """
    if are_numbers(names):
        return numbers
    whole = [number for is_word, number, name in map(rank, names) if str(number) == name]
    return np.array(whole if len(whole) == len(names) else list(names))[numbers]


def numbers_of(names: Sequence[str]) -> np.ndarray:
    """Return the numbers that classes are named after, float64.

    Raises:
        DataError: a name that is not a number.
    """
    try:
        return np.array([float(name) for name in names])
    except ValueError as error:
        raise DataError(
            f"the rows have classes called {listed(names, 5)}, which are not numbers; values are "
            "numbers"
        ) from error


def listed(names: Sequence[str], most: int = 10) -> str:
    """Return names as a message may show them."""
    return ", ".join(map(in_one_line, names[:most])) + (", …" if len(names) > most else "")


def words_of(labels: np.ndarray) -> tuple[list[str], np.ndarray]:
    """Return the different labels as words, and for each row the index of its own.

    Args:
        labels: texts, or whole numbers of any type (n,).

    Raises:
        DataError: a number that is not whole.
    """
    if labels.dtype.kind == "f":
        wrong = ~np.isfinite(labels) | (labels != np.floor(labels))
        if wrong.any():
            row = int(wrong.argmax())
            raise DataError(f"The label in row {row:,} is {labels[row]}; give whole numbers.")
    if labels.dtype.kind in "US":
        present, places = np.unique(labels.astype(str), return_inverse=True)
        return present.tolist(), places
    present, places = np.unique(labels, return_inverse=True)
    return [str(int(one)) for one in present.tolist()], places


def numbered(labels: np.ndarray, names: tuple[str, ...]) -> np.ndarray:
    """Return the class number of each label, a text or whole number, int32 (n,).

    Raises:
        DataError: a label that is none of the classes.
    """
    count = len(names)
    if (
        labels.dtype.kind in "iu"
        and are_numbers(names)
        and 0 <= labels.min() <= labels.max() < count
    ):
        return labels.astype(np.int32)
    words, places = words_of(labels)
    index, counts = {name: k for k, name in enumerate(names)}, are_numbers(names)
    if labels.dtype.kind not in "US" and not any(word in index for word in words):
        index, counts = {str(k): k for k in range(count)}, True
    numbers = np.array([index.get(word, -1) for word in words], np.int32)[places]
    if (numbers < 0).any():
        row = int(np.argmax(numbers < 0))
        there = f"numbered from 0 to {count - 1}" if counts else f"called {listed(names)}"
        raise DataError(
            f"The label in row {row:,} is {in_one_line(labels[row])}, but the {count} classes are "
            f"{there}."
        )
    return numbers


def renumbered(numbers: np.ndarray, own: tuple[str, ...], names: tuple[str, ...]) -> np.ndarray:
    """Return the class numbers (n,) of the names `own` as numbers of other names.

    Names are matched by name. Where one of the two has only numbers for names, and they share
    none of them, classes are matched by number.

    Raises:
        DataError: a class that the network does not know.
    """
    if own == names[: len(own)]:
        return numbers
    unnamed = are_numbers(own) or are_numbers(names)
    if unnamed and not set(own) & set(names) and len(own) <= len(names):
        return numbers
    unknown = in_order(set(own) - set(names))
    if unknown:
        raise DataError(
            f"the class {in_one_line(unknown[0])!r} is not one of the network's: {listed(names)}"
        )
    return np.array([names.index(name) for name in own], np.int32)[numbers]


def by_name(columns: np.ndarray, own: tuple[str, ...], names: tuple[str, ...]) -> np.ndarray:
    """Return columns (n, columns) in the order in which a network knows their names.

    Raises:
        DataError: a name that the network does not know.
    """
    places = renumbered(np.arange(len(own)), own, names)
    return columns[:, np.argsort(places, kind="stable")]


def first_names(labels: np.ndarray, outputs: int) -> tuple[str, ...]:
    """Return the names of the classes that the first rows show, one for each output.

    Raises:
        DataError: there are fewer or more classes than outputs.
    """
    words, _ = words_of(labels)
    if labels.dtype.kind in "US":
        if len(words) != outputs:
            raise DataError(
                f"the labels name {len(words)} classes ({listed(in_order(words), 5)}), but the "
                f"network has {outputs} outputs; {_advice(len(words), outputs)}"
            )
        return in_order(words)
    counted = max(map(int, words)) + 1
    if counted == outputs and min(map(int, words)) >= 0:
        return tuple(map(str, range(outputs)))
    if len(words) == outputs:
        return in_order(words)
    if min(map(int, words)) >= 0 and counted < outputs:
        raise DataError(
            f"the labels go up to {counted - 1}, which makes {counted} classes, but the network "
            f"has {outputs} outputs; {_advice(counted, outputs)}"
        )
    raise DataError(
        f"label {in_order(words)[-1]} needs {counted} outputs, but the network has {outputs}; "
        f"{len(words)} different labels occur"
    )


def _advice(classes: int, outputs: int) -> str:
    if classes < outputs:
        return (
            f"give it {classes}, or name all classes ahead: fit(..., classes=[...]) with "
            f"{outputs} names"
        )
    return f"give it {classes}, one for each class"
