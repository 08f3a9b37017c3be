"""The dashboard behind a reverse proxy: nginx under a sub-path, foreign host names, and forwarded headers."""

import os
import re
import shutil
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from socket import create_server
from urllib.parse import urljoin

import pytest

from ais_indicators.dashboard.address import Address, read_address
from ais_indicators.dashboard.app import create_app
from ais_indicators.dashboard.serve import serve
from ais_indicators.errors import WrongUseError
from ais_indicators.repository import PACKAGE
from ais_indicators.settings import Settings
from tests.released_weeks import empty_lake, publish, usual_week
from tests.subject_rules import SHIP_RULES

PUBLIC, BASE = "stats.office.example", "/statistics/ships"
PATIENCE_S = 30
EXAMPLE = re.compile(r"```nginx\n(.*?)```", re.S)


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    settings = empty_lake(tmp_path_factory.mktemp("proxy"))
    publish(settings, "2026-W06", usual_week(100.0))
    publish(settings, "2026-W07", usual_week(110.0))
    return settings


@pytest.fixture(scope="module")
def nginx(lake: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., str]]:
    """Starts nginx with the example of the handbook in front of a dashboard; gives a function that asks it."""
    program = shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin")
    if program is None:
        pytest.skip("no nginx on this machine: the pages were not read through a reverse proxy")
    address = read_address(base_path=BASE, allow_hosts=[PUBLIC], trusted_proxies=["127.0.0.1"])
    upstream = _served(lake, address)
    assert upstream.endswith(f"{BASE}/")
    with create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    folder = tmp_path_factory.mktemp("nginx")
    config = folder / "nginx.conf"
    config.write_text(_config(folder, port, upstream.removesuffix(f"{BASE}/")), encoding="utf-8")
    command = [program, "-e", str(folder / "error.log"), "-p", str(folder), "-c", str(config)]
    subprocess.run([*command, "-t"], check=True, capture_output=True)
    process = subprocess.Popen(command)
    try:
        _wait_for(port)
        yield lambda path, **headers: _asked(f"http://127.0.0.1:{port}{path}", headers)
    finally:
        process.terminate()
        process.wait(PATIENCE_S)


def _config(folder: Path, port: int, upstream: str) -> str:
    """The example of `docs/pages.md`, with the ports of this test, inside what a configuration needs around it."""
    (example,) = EXAMPLE.findall((PACKAGE.parent / "docs" / "pages.md").read_text(encoding="utf-8"))
    own = example.replace("listen 443 ssl;", f"listen 127.0.0.1:{port};").replace(
        "http://127.0.0.1:8050", upstream
    )
    own = "\n".join(line for line in own.splitlines() if "ssl_certificate" not in line)
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    paths = "".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
    return (
        f"daemon off; master_process off; pid {folder}/pid;\nevents {{}}\n"
        f"http {{ access_log off; {paths}\n{own}\n}}\n"
    )


def _served(lake: Settings, address: Address) -> str:
    """Serves the dashboard from a thread that ends with the tests; gives where."""
    addresses: list[str] = []
    is_there = threading.Event()

    def ready(at: str) -> None:
        addresses.append(at)
        is_there.set()

    threading.Thread(target=serve, args=(lake, address, 0, ready, SHIP_RULES), daemon=True).start()
    assert is_there.wait(PATIENCE_S)
    return addresses[0]


def _wait_for(port: int) -> None:
    for _ in range(100):
        try:
            _asked(f"http://127.0.0.1:{port}{BASE}/", {"Host": PUBLIC})
            return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("nginx did not start")


def _asked(address: str, headers: dict[str, str]) -> str:
    """Status and text of an answer, on two lines or more."""
    request = urllib.request.Request(address, headers=headers)  # noqa: S310 (an address of this test)
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:  # noqa: S310
            return f"{answer.status}\n{answer.geturl()}\n{answer.read().decode()}"
    except urllib.error.HTTPError as error:
        return f"{error.code}\n{address}\n{error.read().decode()}"


def test_nginx_shows_the_pages_under_a_sub_path_and_every_link_leads_somewhere(
    nginx: Callable[..., str],
) -> None:
    status, address, page = nginx(f"{BASE}/?place=XXAAA&lang=fr", Host=PUBLIC).split("\n", 2)
    assert status == "200"
    links = [one.replace("&amp;", "&") for one in re.findall(r'(?:href|action|src)="([^"#]+)"', page)]
    assert len(links) >= 6
    assert [one for one in links if one.startswith("/") or "://" in one] == []
    root = address.split(BASE)[0]
    for link in links:
        found = urljoin(address, link).removeprefix(root)
        assert found.startswith(f"{BASE}/")
        assert nginx(found, Host=PUBLIC).startswith("200\n"), link


def test_nginx_leads_from_the_sub_path_without_a_slash_to_its_folder(nginx: Callable[..., str]) -> None:
    status, address, _ = nginx(f"{BASE}?lang=es", Host=PUBLIC).split("\n", 2)
    assert (status, address.split(BASE)[1]) == ("200", "/?lang=es")


def test_nginx_hands_on_only_the_name_that_its_operator_allows(nginx: Callable[..., str]) -> None:
    answer = nginx(f"{BASE}/", Host="evil.example")
    assert answer.startswith("400\n")
    assert "its operator can add it with --allow-host" in answer
    spoofed = nginx(f"{BASE}/", **{"Host": PUBLIC, "X-Forwarded-Host": "evil.example"})
    assert spoofed.startswith("200\n")  # nginx writes its own over what a reader sends


@pytest.mark.parametrize("path", ["/ships/", "/"])
def test_the_sub_path_may_be_taken_off_by_the_proxy_or_not(lake: Settings, path: str) -> None:
    reader = create_app(lake, read_address(base_path="/ships/"), rules=SHIP_RULES).test_client()
    assert reader.get(path).status_code == 200
    assert reader.get(f"{path}figures.csv").mimetype == "text/csv"
    assert reader.get("/shipsx/").status_code == 404


@pytest.mark.parametrize(
    ("peer", "forwarded", "status"),
    [
        ("10.0.0.5", PUBLIC, 200),
        ("10.0.0.5", "evil.example", 400),
        ("10.0.0.5", f"evil.example, {PUBLIC}", 200),  # the proxy adds what it was asked for at the end
        ("10.0.0.5", f"{PUBLIC}, evil.example", 400),
        ("::ffff:10.0.0.5", "evil.example", 400),
        ("192.0.2.9", "evil.example", 200),  # not a proxy: its header counts for nothing
        ("not an address", "evil.example", 200),
    ],
)
def test_forwarded_headers_count_from_trusted_proxies_only(
    lake: Settings, peer: str, forwarded: str, status: int
) -> None:
    address = read_address("0.0.0.0", "", [PUBLIC], ["10.0.0.0/8"])  # noqa: S104
    reader = create_app(lake, address, rules=SHIP_RULES).test_client()
    headers = {"Host": PUBLIC, "X-Forwarded-Host": forwarded}
    assert reader.get("/", headers=headers, environ_base={"REMOTE_ADDR": peer}).status_code == status


def test_a_forwarded_name_that_is_allowed_does_not_excuse_a_host_that_is_not(lake: Settings) -> None:
    address = read_address(allow_hosts=[PUBLIC], trusted_proxies=["127.0.0.1"])
    reader = create_app(lake, address, rules=SHIP_RULES).test_client()
    headers = {"Host": "rebound.example", "X-Forwarded-Host": PUBLIC}
    assert reader.get("/", headers=headers).status_code == 400


@pytest.mark.parametrize(
    ("host", "is_allowed"),
    [
        ("stats.office.example", True),
        ("STATS.office.example.:443", True),
        ("a.ships.example", True),
        ("ships.example", False),
        ("office.example", False),
        ("stats.office.example.evil.example", False),
        ("xn--bro-hoa.example", True),
        ("192.0.2.7:8050", True),
        ("[2001:db8::7]:8050", True),
        ("", False),
        ("a b", False),
        (f"{PUBLIC}@evil.example", False),
    ],
)
def test_a_server_for_others_answers_to_addresses_and_to_allowed_names(host: str, is_allowed: bool) -> None:
    names = [PUBLIC.upper(), ".ships.example", "büro.example"]
    assert read_address("0.0.0.0", "", names).allows(host) is is_allowed  # noqa: S104


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"base_path": "ships"}, "--base-path 'ships' is not a path such as"),
        ({"base_path": "/a//b"}, "--base-path"),
        ({"base_path": "/a/../b"}, "--base-path"),
        ({"allow_hosts": ["https://office.example"]}, "--allow-host 'https://office.example' is not a host"),
        ({"allow_hosts": ["*"]}, "--allow-host"),
        ({"trusted_proxies": ["proxy.example"]}, "--trusted-proxy 'proxy.example' is not an IP address"),
    ],
)
def test_what_cannot_be_an_address_is_refused(options: dict[str, str | list[str]], sentence: str) -> None:
    with pytest.raises(WrongUseError, match=sentence):
        read_address(**options)  # type: ignore[arg-type]
