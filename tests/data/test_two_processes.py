"""Two processes that fetch one data set from a server: it is fetched once, and is right.

`tests/data/named` has the locks by themselves, and sources that are made up.
"""

import contextlib
import json
import signal
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from clearprop.data.named import sources

CHILD = """
import json, sys
from pathlib import Path
from clearprop.data.named import sources
from clearprop.data.named.catalog import DatasetInfo, KnownFile

spec = json.loads(Path(sys.argv[1]).read_text())
known = DatasetInfo(
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


NO_SIGKILL = pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")


@pytest.mark.parametrize("killed", [False, pytest.param(True, marks=NO_SIGKILL)])
def test_the_second_fetches_only_if_the_first_is_killed(fetch, server, tiny, tmp_path, killed):
    first = fetch()
    assert server.first.wait(60)
    second = fetch()
    assert second.stderr.readline().startswith("Waiting for another process that is fetching")
    if killed:
        first.send_signal(signal.SIGKILL)
        first.wait()
    server.answer.set()
    assert first.communicate()[0] == ("" if killed else "whole\n")
    assert second.communicate()[0] == "whole\n"
    files = {file.name for file in tiny.files}
    assert sorted(server.asked[killed:]) == sorted(f"/{name}.gz" for name in files)
    assert sources.cached(tiny, tmp_path / "sets")
    assert names(tmp_path / "sets" / "tiny") == files
