"""The works: every contender exists, every claim is about those who take part."""

import subprocess
import sys
from pathlib import Path

import pytest
from benchmarks import settings
from benchmarks.contenders import CONTENDERS, Contender
from benchmarks.race import Race, turned
from benchmarks.works import STARTERS, WORKS

ROOT = Path(__file__).parents[2]
PEERS = ("torch", "keras", "flax", "equinox", "optax", "sklearn", "nn_digits", "jax")


@pytest.mark.parametrize("work", WORKS.values(), ids=WORKS)
def test_every_claim_is_about_those_who_take_part(work):
    taking_part = set(work.measure.contenders)
    assert work.claims
    for claim in work.claims:
        assert {*claim.ours, *claim.others} <= taking_part


def test_every_contender_of_a_race_has_a_file():
    racing = {n for w in WORKS.values() if isinstance(w.measure, Race) for n in w.measure.jobs}
    assert racing == set(CONTENDERS)
    for contender in CONTENDERS.values():
        assert (ROOT / "benchmarks" / "contenders" / f"{contender.module}.py").is_file()


def test_a_contender_that_is_not_installed_says_so():
    absent = Contender("Nobody", "nobody", ("json", "no_such_package"))
    assert absent.missing() == "no_such_package is not installed"
    assert Contender("Somebody", "somebody", ("json",)).missing() is None


def test_a_race_names_who_is_not_installed(monkeypatch):
    monkeypatch.setattr(Contender, "missing", lambda self: "it is not installed")
    told = []
    race = WORKS["epoch-128"].measure
    records = race.run(1, True, lambda what, rounds: told.append(rounds))
    assert list(records) == list(race.jobs)
    assert all(r == {"values": [], "missing": "it is not installed"} for r in records.values())
    assert sum(told) == pytest.approx(1.0)


def test_every_contender_is_first_in_its_turn():
    assert turned(["a", "b", "c"], 4) == ["b", "c", "a"]
    assert turned([], 4) == []


def test_the_lists_of_settings_are_of_one_length_and_without_repeats():
    lengths = {len(family.jobs()) for family in settings.FAMILIES.values()}
    assert lengths == {30}
    for family in settings.FAMILIES.values():
        assert len(set(map(settings.words, family.jobs()))) == 30


@pytest.mark.parametrize("contender", STARTERS)
def test_a_setting_is_found_again_by_its_words(contender):
    for job in settings.FAMILIES[settings.family_of(contender)].jobs():
        assert settings.job_of(contender, settings.words(job)) == job


def test_every_module_can_be_imported_without_the_peers():
    modules = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for folder in ("benchmarks", "benchmarks/contenders")
        for path in sorted((ROOT / folder).glob("*.py"))
    ]
    program = (
        f"import importlib, sys; sys.modules.update(dict.fromkeys({PEERS}, None)); "
        f"[importlib.import_module(name) for name in {modules}]"
    )
    made = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)
    assert made.returncode == 0, made.stderr


def test_the_names_of_the_works_are_listed():
    command = [sys.executable, "-m", "benchmarks", "--list"]
    made = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert [line.split()[0] for line in made.stdout.splitlines()] == list(WORKS)


def test_a_work_that_does_not_exist_is_named_with_those_that_do():
    command = [sys.executable, "-m", "benchmarks", "--only", "epoch-12"]
    made = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert made.returncode == 2
    assert made.stderr.startswith("there is no work 'epoch-12'; there are epoch-128, ")
