"""Claims: ratios within a round, their median, and whether a target is met, all by hand."""

import pytest
from benchmarks.claims import Claim, best, ratios

# Round by round the machine is slower, and the ratios stay: 3, 2 and 2.5 times.
RECORDS = {
    "ours": {"values": [1.0, 2.0, 4.0]},
    "peer": {"values": [3.0, 4.0, 10.0]},
    "slow": {"values": [9.0, 9.0, 9.0]},
    "broken": {"values": [0.1], "error": "it broke"},
    "absent": {"values": [], "missing": "absent is not installed"},
}


def test_a_ratio_is_taken_within_each_round():
    assert ratios([3.0, 4.0, 10.0], [1.0, 2.0, 4.0]) == [3.0, 2.0, 2.5]


def test_so_many_times_faster_is_the_others_time_over_ours():
    verdict = Claim("", ("ours",), ("slow", "peer"), at_least=2.5).judge(RECORDS)
    assert (verdict.other, verdict.ratio, verdict.low, verdict.high) == ("peer", 2.5, 2.0, 3.0)
    assert verdict.words() == "met"


def test_at_most_so_many_times_is_our_time_over_the_others():
    # 1/3, 2/4 and 4/10.
    verdict = Claim("", ("ours",), ("peer",), at_most=0.3).judge(RECORDS)
    assert (verdict.ratio, verdict.low, verdict.high) == (0.4, 1 / 3, 0.5)
    assert verdict.words() == "missed by 33 %"


@pytest.mark.parametrize(
    ("claim", "words"),
    [
        (Claim("", ("ours",), ("peer",), at_least=2.6), "missed by 4 %"),
        (Claim("", ("ours",), ("peer",), at_least=5.0), "missed by 50 %"),
        (Claim("", ("ours",), ("peer",), at_most=0.4), "met"),
        (Claim("", ("ours",), ("peer",)), "no target"),
        (Claim("", ("ours",), ("absent", "broken")), "not measured: absent, broken"),
        (Claim("", ("absent",), ("peer",)), "not measured: absent"),
    ],
)
def test_a_verdict_says_by_how_much_a_target_is_missed(claim, words):
    assert claim.judge(RECORDS).words() == words


def test_one_that_broke_or_is_absent_is_never_the_best():
    assert best(("broken", "absent", "slow", "peer"), RECORDS) == "peer"
    assert best(("broken", "absent"), RECORDS) is None
    assert best(("nobody",), RECORDS) is None
