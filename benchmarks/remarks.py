"""What must be said of a contender beside its figures: absent, failed, or not learning."""

from statistics import median

from benchmarks.claims import Records

TOLERANCE = 0.02


def remarks(name: str, records: Records) -> list[str]:
    """Return the remarks on one contender of a work."""
    record = records[name]
    made = [record[key] for key in ("missing", "error") if key in record]
    if is_off(name, records):
        made.append(f"its accuracy of {100 * record['accuracy']:.1f} % is off the others'")
    if record.get("failures"):
        runs = len(record["values"])
        made.append(f"{record['failures']} of {runs} runs fell short of the accuracy")
    return made


def is_off(name: str, records: Records) -> bool:
    """Return whether a contender's accuracy is far from the median of the others'."""
    mine = records[name].get("accuracy")
    others = [r["accuracy"] for n, r in records.items() if n != name and r.get("accuracy")]
    return mine is not None and bool(others) and abs(mine - median(others)) > TOLERANCE
