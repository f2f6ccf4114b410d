"""Search: sweeps over settings, ranked on validation rows, and the learning-rate test."""

from clearprop.search.journal import Journal
from clearprop.search.outcomes import Outcome, SeedMean, Trial, ranked
from clearprop.search.rate import RateTest, find_learning_rate
from clearprop.search.sweep import SEARCHES, TRIALS, Sweep
from clearprop.search.together import Candidate, Planned
from clearprop.search.varied import Range, Values, varied

__all__ = [
    "SEARCHES",
    "TRIALS",
    "Candidate",
    "Journal",
    "Outcome",
    "Planned",
    "Range",
    "RateTest",
    "SeedMean",
    "Sweep",
    "Trial",
    "Values",
    "find_learning_rate",
    "ranked",
    "varied",
]
