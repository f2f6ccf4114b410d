"""Two processes that save a model under one name: whoever reads it finds one of the two, whole."""

import subprocess
import sys

from clearprop import MLP, load

SAVES = """
import sys
from clearprop import MLP
seed, path, times = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
model = MLP([30, 20, 5], seed=seed)
model.save(path)
print("ready", flush=True)
sys.stdin.readline()
for _ in range(times):
    model.save(path)
"""


def weight(model):
    return model.parameters["layers.0.weight"].tobytes()


def test_a_file_that_two_processes_save_at_once_is_always_one_of_theirs(tmp_path):
    path, seeds = tmp_path / "model.safetensors", (1, 2)
    theirs = {weight(MLP([30, 20, 5], seed=seed)) for seed in seeds}
    pipe = subprocess.PIPE
    writers = [
        subprocess.Popen([sys.executable, "-c", SAVES, str(seed), str(path), "150"],
                         stdin=pipe, stdout=pipe, text=True)
        for seed in seeds
    ]  # fmt: skip
    for writer in writers:
        assert writer.stdout.readline() == "ready\n"
    for writer in writers:
        writer.stdin.write("\n")
        writer.stdin.flush()
    read, seen = 0, set()
    while any(writer.poll() is None for writer in writers):
        seen.add(weight(load(path)))
        read += 1
    assert [writer.wait() for writer in writers] == [0, 0]
    assert read > 0
    assert seen <= theirs
    assert weight(load(path)) in theirs
    assert [found.name for found in tmp_path.iterdir()] == ["model.safetensors"]
    for writer in writers:
        writer.stdin.close()
        writer.stdout.close()
