"""What a file says of the machine that its weights were learned on."""

import sys

import numpy as np
import threadpoolctl

from clearprop import MLP, load
from clearprop.engines.blas_threads import blas, one_blas_thread
from clearprop.engines.versions import processor, versions
from clearprop.storage import read

X, Y = np.eye(8, dtype=np.float32), np.arange(8) % 2


def test_a_model_file_says_with_what_it_was_learned_wherever_it_is_saved_again(tmp_path, engine):
    model = MLP([8, 2], engine=engine)
    model.fit(X, Y, epochs=1)
    model.save(tmp_path / "a.safetensors")
    load(tmp_path / "a.safetensors").save(tmp_path / "b.safetensors")
    for name in "ab":
        made = read(tmp_path / f"{name}.safetensors")[0].made_with
        assert made.items() >= versions(engine).items()
        assert "clearprop" in made


def test_a_network_that_learned_nothing_names_no_engine(tmp_path):
    MLP([8, 2]).save(tmp_path / "a.safetensors")
    assert set(read(tmp_path / "a.safetensors")[0].made_with) == {"numpy", "clearprop"}


def test_blas_threads_are_those_of_the_process_not_of_a_fit_that_holds_them():
    before = blas()
    with one_blas_thread():
        assert blas() == before
    (own,) = (one for one in threadpoolctl.threadpool_info() if "numpy.libs" in one["filepath"])
    assert before.endswith(
        f"{own['version']} {own['architecture']} with {own['num_threads']} threads"
    )


def test_a_processor_without_a_name_is_reported_by_its_kind(monkeypatch, tmp_path):
    processor.cache_clear()
    module = sys.modules["clearprop.engines.versions"]
    monkeypatch.setattr(module, "PROCESSOR_FILE", tmp_path / "none")
    monkeypatch.setattr("platform.machine", lambda: "riscv64")
    assert processor() == "riscv64"
    processor.cache_clear()
