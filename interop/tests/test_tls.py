"""Client, scheduler and workers over TLS, with a certificate authority made for the occasion."""

import subprocess

import pytest
from distributed import Client
from distributed.security import Security

from harness import Cluster, wait_for
from tasks import add, inc


def openssl(*arguments, cwd):
    subprocess.run(["openssl", *arguments], cwd=cwd, check=True, capture_output=True)


def make_certificates(folder):
    """A self-made authority, and a certificate of it for every part."""
    folder.mkdir()
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=authority",
            "-keyout", "ca-key.pem", "-out", "ca.pem", cwd=folder)  # fmt: skip
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=member", "-keyout", "key.pem", "-out", "request.pem",
            cwd=folder)  # fmt: skip
    openssl("x509", "-req", "-days", "1", "-in", "request.pem", "-CA", "ca.pem", "-CAkey", "ca-key.pem",
            "-CAcreateserial", "-out", "cert.pem", cwd=folder)  # fmt: skip
    return folder


def security_of(folder):
    files = {"tls_ca_file": str(folder / "ca.pem")}
    for role in ("client", "scheduler", "worker"):
        files |= {f"tls_{role}_cert": str(folder / "cert.pem"), f"tls_{role}_key": str(folder / "key.pem")}
    return Security(**files, require_encryption=True)


def options_of(folder):
    return ["--tls-ca-file", f"{folder}/ca.pem", "--tls-cert", f"{folder}/cert.pem", "--tls-key", f"{folder}/key.pem"]


@pytest.fixture(scope="module")
def tls(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    certificates = make_certificates(folder / "certificates")
    options = options_of(certificates)
    cluster = Cluster(
        folder, scheduler_options=["--protocol", "tls", *options], security=security_of(certificates)
    )
    for name in ("w0", "w1"):
        cluster.add_worker(name, options=["--protocol", "tls", *options])
    cluster.observer.wait_for_workers(2, timeout=30)
    yield cluster
    cluster.close()


def test_work_is_done_over_tls(tls):
    assert tls.address.startswith("tls://")
    client = tls.client()
    assert all(address.startswith("tls://") for address in client.nthreads())
    assert client.gather(client.map(inc, range(100))) == list(range(1, 101))
    x, y = client.submit(inc, 1, workers="w0"), client.submit(inc, 2, workers="w1")
    assert client.submit(add, x, y, workers="w0").result() == 5
    assert client.submit(len, client.submit(bytes, 20_000_000)).result() == 20_000_000
    client.close()


def test_a_client_without_tls_is_turned_away(tls):
    with pytest.raises((OSError, TimeoutError)):
        Client(tls.address.replace("tls://", "tcp://"), timeout="2s", set_as_default=False)
    wait_for(lambda: tls.observer.submit(inc, 1, pure=False).result() == 2, "the others go on")


def test_a_client_with_a_certificate_of_someone_else_is_turned_away(tls, tmp_path):
    stranger = security_of(make_certificates(tmp_path / "strange"))
    with pytest.raises((OSError, TimeoutError)):
        Client(tls.address, security=stranger, timeout="2s", set_as_default=False)
    assert tls.observer.submit(inc, 1, pure=False).result() == 2
