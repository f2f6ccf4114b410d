"""Two processes that fetch one data set from a server: it is fetched once, and is right.

`tests/data/named` has the locks by themselves, and sources that are made up.
"""

import contextlib
import json
import signal
import sys
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from clearprop.data.named import sources

CHILD = """
import json, sys
from pathlib import Path
from clearprop.data.named import sources
from clearprop.data.named.catalog import Known, KnownFile

spec = json.loads(Path(sys.argv[1]).read_text())
known = Known(
    name="tiny", title="Tiny", classes=("a", "b"), train_rows=6, test_rows=3,
    image_shape=(28, 28), license="none", attribution="none", mirrors=(sys.argv[3],),
    files=tuple(KnownFile(name, sha, tuple(shape)) for name, sha, shape in spec),
)
sources.obtain(known, Path(sys.argv[2]), offline=False, quiet=False)
print("whole")
"""


@pytest.fixture
def server(tiny, zipped):
    """A server of the set's files that answers when it is told to, and counts."""
    files = {f"/{name}.gz": zipped("")[f"{name}.gz"] for name in (f.name for f in tiny.files)}
    asked, first, answer = [], threading.Event(), threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            first.set()
            assert answer.wait(60)
            # Who asked may have been killed meanwhile.
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                self.send_response(200)
                self.send_header("Content-Length", str(len(files[self.path])))
                self.end_headers()
                self.wfile.write(files[self.path])

        def log_message(self, *_):
            pass

    serving = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    serving.daemon_threads = True
    thread = threading.Thread(target=serving.serve_forever)
    thread.start()
    serving.asked, serving.first, serving.answer = asked, first, answer
    yield serving
    answer.set()
    serving.shutdown()
    thread.join()
    serving.server_close()


@pytest.fixture
def fetch(start, tiny, tmp_path, server):
    """Return a function that starts a process which obtains the set from the server."""
    spec = [(file.name, file.sha256, file.shape) for file in tiny.files]
    (tmp_path / "spec.json").write_text(json.dumps(spec))
    address = f"http://127.0.0.1:{server.server_port}/"
    return lambda: start(CHILD, tmp_path / "spec.json", tmp_path / "sets", address)


def names(folder):
    return {path.name for path in folder.iterdir() if not path.name.endswith(".verified")}


def test_the_second_waits_for_the_first_and_fetches_nothing(fetch, server, tiny, tmp_path):
    first = fetch()
    assert server.first.wait(60)
    second = fetch()
    assert second.stderr.readline().startswith("Waiting for another process that is fetching")
    server.answer.set()
    assert [one.communicate()[0] for one in (first, second)] == ["whole\n"] * 2
    assert sorted(server.asked) == sorted(f"/{file.name}.gz" for file in tiny.files)
    assert sources.cached(tiny, tmp_path / "sets")
    assert names(tmp_path / "sets" / "tiny") == {file.name for file in tiny.files}


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_where_the_first_is_killed_the_second_fetches_all(fetch, server, tiny, tmp_path):
    first = fetch()
    assert server.first.wait(60)
    second = fetch()
    assert second.stderr.readline().startswith("Waiting")
    first.send_signal(signal.SIGKILL)
    first.wait()
    server.answer.set()
    assert second.communicate()[0] == "whole\n"
    assert len(server.asked) == 1 + len(tiny.files)
    assert sources.cached(replace(tiny, mirrors=()), tmp_path / "sets")
    assert names(tmp_path / "sets" / "tiny") == {file.name for file in tiny.files}
