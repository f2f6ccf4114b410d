"""The sweeps of growth change one thing at a time, and the figures are those made by hand."""

import json

import pytest
from benchmarks import growth_chart
from benchmarks.growth_points import (
    SWEEPS,
    Point,
    described,
    enough_rows,
    figures,
    operations_a_row,
    points,
)
from benchmarks.job import Job
from PIL import Image

BASE = ((784, 128, 64, 10), 128, 1)
CHANGED = {"width": 0, "depth": 0, "batch size": 1, "networks": 2}


def test_a_sweep_changes_one_thing_and_passes_through_all_its_values():
    for sweep, values in SWEEPS.items():
        of_sweep = [point for point in points(quick=False) if point.sweep == sweep]
        assert [point.at for point in of_sweep] == list(values)
        for job in (point.job for point in of_sweep):
            seen = (job.layers, job.batch_size, job.networks)
            kept = [place for place in range(3) if place != CHANGED.get(sweep)]
            assert [seen[place] for place in kept] == [BASE[place] for place in kept]


def test_what_changes_is_what_the_sweep_is_called():
    jobs = {(point.sweep, point.at): point.job for point in points(quick=False)}
    assert jobs["rows", 3_000].rows == 3_000
    assert jobs["width", 512].layers == (784, 512, 10)
    assert jobs["depth", 2].layers == (784, 128, 128, 10)
    assert jobs["batch size", 32].batch_size == 32
    assert jobs["networks", 8].networks == 8


def test_many_networks_see_as_many_rows_together_as_one_alone():
    rows = [p.job.rows * p.job.networks for p in points(quick=False) if p.sweep == "networks"]
    assert set(rows) == {40_960}


def test_a_quick_run_takes_the_ends_on_few_rows():
    quick = points(quick=True)
    assert [point.at for point in quick if point.sweep == "width"] == [8, 2_000]
    assert len(quick) == 10
    assert max(point.job.rows for point in quick) <= 2_048


def test_slow_steps_get_fewer_rows_and_even_the_largest_batch_a_few_steps():
    # 150 us + 1 x 454,400 / 6e10 s = 157.6 us, of which 0.12 s hold 761.6.
    assert enough_rows(BASE[0], 1) == 762
    assert enough_rows(BASE[0], 8_192) == 4 * 8_192
    assert enough_rows((784, 8, 10), 8_192) <= 60_000


def test_the_operations_are_those_of_the_products():
    # Forward and the weights' gradient of both layers, the inputs' gradient of the second:
    # 2 x (3 x 4 + 4 x 2) + 2 x (3 x 4 + 4 x 2) + 2 x 4 x 2.
    assert operations_a_row((3, 4, 2)) == 40 + 40 + 16
    assert operations_a_row((5, 2)) == 40


def test_the_figures_are_of_the_median_round():
    # 10 rows in batches of 4 are 3 steps; 10 rows of 96 operations in 3 us are 0.32 GFLOP/s.
    made = figures(Job((3, 4, 2), 4, rows=10), [9e-6, 1e-6, 3e-6])
    assert made["epoch_seconds"] == [9e-6, 1e-6, 3e-6]
    assert made["seconds_a_step"] == pytest.approx(1e-6)
    assert made["seconds_a_row"] == pytest.approx(3e-7)
    assert made["gigaflops"] == pytest.approx(0.32)


def test_a_point_says_how_much_memory_its_weights_and_their_averages_take():
    made = described(Point("width", 4, Job((3, 4, 2), 4, rows=10)), {"jax": [1.0]})
    # 3 x 4 + 4 and 4 x 2 + 2 parameters, four float32 each.
    assert made["parameters"] == 26
    assert made["megabytes_of_state"] == pytest.approx(416e-6)


def test_the_chart_is_drawn_from_what_the_json_holds(tmp_path):
    seconds = {"numpy": [0.4], "jax": [0.2], "floor": [0.1]}
    found = {
        "machine": "2 cores", "date": "today", "quick": False,
        "points": [described(point, seconds) for point in points(quick=False)],
    }  # fmt: skip
    path = growth_chart.draw(json.loads(json.dumps(found)), tmp_path / "made" / "growth.png")
    with Image.open(path) as image:
        assert image.size == (1875, 1080)
        colors = {color for _, color in image.convert("RGB").getcolors(1 << 20)}
    # Every curve is there: blue, orange and green of the palette.
    assert {(0, 114, 178), (230, 159, 0), (0, 158, 115)} <= colors
    assert [one.name for one in path.parent.iterdir()] == ["growth.png"]
