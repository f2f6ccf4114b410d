"""The tests' own equipment works: the guard against the network refuses."""

import socket

import pytest


def test_no_test_reaches_the_network():
    with pytest.raises(pytest.fail.Exception, match="reached for the network"):
        socket.create_connection(("example.org", 80))
    with socket.socket() as outside, pytest.raises(pytest.fail.Exception, match=r"192\.0\.2\.1"):
        outside.connect(("192.0.2.1", 80))


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_server_on_this_machine_may_be_reached(host):
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection((host, server.getsockname()[1])).close()
