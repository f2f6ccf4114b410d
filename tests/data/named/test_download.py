"""Downloads from a server of this test's own, on this machine's loopback address."""

import http.server
import threading

import pytest

from clearprop.data.named import download as module
from clearprop.data.named.download import SourceError, download


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path != "/file":
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", "100000")
        self.end_headers()
        self.wfile.write(bytes(100_000))

    def log_message(self, *_):
        pass


@pytest.fixture
def server(monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("url", "limit", "message"),
    [
        ("{}/file", 99_999, "sends more than 99,999 bytes"),
        ("{}/absent", 10, "answers with HTTP status 404"),
        # Port 1 of the loopback address refuses at once.
        ("http://127.0.0.1:1/file", 10, r"^cannot be reached$"),
    ],
)
def test_a_failed_download_says_why(server, tmp_path, url, limit, message):
    with pytest.raises(SourceError, match=message):
        download(url.format(server), tmp_path / "file", limit, quiet=True)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (type("ReadTimeout", (OSError,), {})("long story"), "does not answer in time"),
        (type("ConnectTimeout", (OSError,), {})("long story"), "does not answer in time"),
        (ValueError("a\nlong " + "story" * 99), "a long story"),
        (OSError(), "OSError"),
    ],
)
def test_reasons_are_one_short_line(error, reason, tmp_path, monkeypatch):
    import pooch

    def fail(*_):
        raise error

    monkeypatch.setattr(pooch.HTTPDownloader, "__call__", fail)
    with pytest.raises(SourceError) as caught:
        download("http://x.invalid/file", tmp_path / "file", 10, quiet=True)
    assert str(caught.value).startswith(reason)
    assert len(str(caught.value)) <= 120
    assert "\n" not in str(caught.value)


def test_waiting_is_bounded(monkeypatch, tmp_path):
    import pooch

    asked = {}
    monkeypatch.setattr(
        pooch, "HTTPDownloader", lambda **options: asked.update(options) or (lambda *_: None)
    )
    download("http://x.invalid/file", tmp_path / "file", 10, quiet=True)
    connect, read = asked["timeout"]
    assert connect <= 10
    assert read <= 60


def test_a_file_arrives_whole_with_progress_on_a_terminal(server, tmp_path, monkeypatch, capsys):
    path = tmp_path / "file"
    for terminal, quiet in ((False, False), (True, True), (True, False)):
        monkeypatch.setattr(module.sys.stderr, "isatty", lambda t=terminal: t, raising=False)
        download(f"{server}/file", path, 100_000, quiet=quiet)
        assert path.read_bytes() == bytes(100_000)
        out, err = capsys.readouterr()
        assert (out, bool(err)) == ("", terminal and not quiet)
    assert "file" in err
    assert "100.0/100.0 kB" in err
