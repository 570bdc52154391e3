"""The guard: which addresses may be dialled, in every notation and by every way. 127.0.0.2 is the canary."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_network

import pytest

from scraper.fetch.guard import why_refused
from scraper.fetch.message import Failed, Fetched, FetchRequest, Refused
from tests.fetch.conftest import Bench
from tests.hostile import PRIVATE, PUBLIC, FakeResolver, HostileServer, answer, redirect

Build = Callable[..., Bench]

REFUSED = [
    "0.0.0.0", "10.1.2.3", "100.64.0.1", "127.0.0.1", "127.255.255.254", "169.254.169.254", "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1", "203.0.113.9", "224.0.0.1", "240.0.0.1",
    "255.255.255.255", "::", "::1", "::127.0.0.1", "::8.8.8.8", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
    "::ffff:a9fe:a9fe",
    "64:ff9b::7f00:1", "64:ff9b:1::1", "100::1", "2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:db8::1",
    "2002:7f00:1::", "2002:808:808::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1",
    "nonsense",
]  # fmt: skip


@pytest.mark.parametrize("address", REFUSED)
def test_what_is_not_public_is_refused(address: str) -> None:
    assert why_refused(address)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "93.184.216.34", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_what_is_public_may_be_dialled(address: str) -> None:
    assert why_refused(address) == ""


def test_single_networks_can_be_opened() -> None:
    assert why_refused("10.1.2.3", [ip_network("10.1.0.0/16")]) == ""
    assert why_refused("::ffff:10.1.2.3", [ip_network("10.1.0.0/16")]) == ""
    assert why_refused("10.2.0.1", [ip_network("10.1.0.0/16")])
    assert why_refused("::1", [ip_network("127.0.0.0/8")])


async def refused(bench: Build, url: str, **wishes: object) -> Refused:
    got = await bench(**wishes).fetcher.fetch(FetchRequest(url=url))
    assert isinstance(got, Refused), got
    assert got.kind == "guard"
    return got


NOTATIONS = [
    "127.0.0.2", "2130706434", "0x7f000002", "0x7f.0.0.2", "0177.0.0.2", "017700000002", "127.2", "[::ffff:127.0.0.2]",
    "[::ffff:7f00:2]", "[::127.0.0.2]", "[2002:7f00:2::]", "[64:ff9b::7f00:2]", "127.0.0.2.",
]  # fmt: skip


@pytest.mark.parametrize("host", NOTATIONS)
async def test_no_notation_reaches_the_canary(bench: Build, host: str) -> None:
    async with HostileServer(host=PRIVATE) as canary:
        await refused(bench, canary.url("/", host))
        assert canary.connections == 0


async def test_loopback_is_refused_unless_opened(bench: Build) -> None:
    async with HostileServer() as site:
        await refused(bench, site.url("/"), allow_addresses=())
        assert site.connections == 0


@pytest.mark.parametrize("order", [[PUBLIC, PRIVATE], [PRIVATE, PUBLIC]])
async def test_a_name_with_one_private_record_is_refused(bench: Build, order: list[str]) -> None:
    async with HostileServer() as site, HostileServer(host=PRIVATE) as canary:
        got = await refused(bench, site.url("/", "mixed.test"), resolver=FakeResolver(mixed_test=[order]))
        assert "127.0.0.2" in got.reason
        assert site.connections == canary.connections == 0


async def test_a_name_whose_second_answer_is_private_is_refused_then(bench: Build) -> None:
    async with HostileServer({"/1": answer(b"1", Connection="close")}) as site:
        made = bench(resolver=FakeResolver(rebind_test=[[PUBLIC], [PRIVATE]]))
        first = await made.fetcher.fetch(FetchRequest(url=site.url("/1", "rebind.test")))
        made.fetcher._transport.client._connector.clear_dns_cache()  # type: ignore[attr-defined]  # as time would
        second = await made.fetcher.fetch(FetchRequest(url=site.url("/2", "rebind.test")))
    assert isinstance(first, Fetched)
    assert isinstance(second, Refused)
    assert second.kind == "guard"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_no_redirect_leads_to_the_canary(bench: Build, status: int) -> None:
    async with HostileServer(host=PRIVATE) as canary:
        async with HostileServer({"/a": redirect(canary.url("/"), status)}) as site:
            await refused(bench, site.url("/a"))
        assert canary.connections == 0


async def test_a_robots_file_that_redirects_to_the_canary_closes_the_site_for_now(bench: Build) -> None:
    async with HostileServer(host=PRIVATE) as canary:
        async with HostileServer({"/robots.txt": redirect(canary.url("/robots.txt"))}) as site:
            got = await bench().fetcher.fetch(FetchRequest(url=site.url("/a")))
        assert isinstance(got, Refused)
        assert got.kind == "robots"
        assert canary.connections == 0


@pytest.mark.parametrize(
    "address", ["file:///etc/passwd", "gopher://x/", "ftp://x/", "data:text/html,x", "javascript:x", "unix:/run/x"]
)
@pytest.mark.parametrize("by", ["given", "redirect"])
async def test_no_other_scheme_is_asked_for(bench: Build, address: str, by: str) -> None:
    async with HostileServer({"/a": redirect(address)}) as site:
        got = await bench().fetcher.fetch(FetchRequest(url=address if by == "given" else site.url("/a")))
    assert isinstance(got, Refused)
    assert got.kind == "scheme"


@pytest.mark.parametrize("by", ["given", "redirect"])
async def test_userinfo_is_refused_and_a_backslash_is_a_slash(bench: Build, by: str) -> None:
    async with HostileServer(host=PRIVATE) as canary, HostileServer() as site:
        tricks = [
            f"http://good.test@{PRIVATE}:{canary.port}/",
            f"http://{PUBLIC}:{site.port}\\@{PRIVATE}:{canary.port}/",
        ]
        results = []
        for trick in tricks:
            site.routes["/a"] = redirect(trick)
            results.append(await bench().fetcher.fetch(FetchRequest(url=trick if by == "given" else site.url("/a"))))
        assert isinstance(results[0], Refused)
        assert results[0].kind == "guard"
        assert isinstance(results[1], Fetched)
        assert results[1].final_url.startswith(site.url("/@"))
        assert canary.connections == 0


async def test_behind_a_proxy_the_guard_judges_the_name_before_it_is_handed_over(bench: Build) -> None:
    async with HostileServer() as proxy:
        names = FakeResolver(inner_test=[[PRIVATE]], outer_test=[["93.184.216.34"]])
        made = bench(proxy=proxy.url(""), resolver=names)
        inner = await made.fetcher.fetch(FetchRequest(url="http://inner.test/secret"))
        outer = await made.fetcher.fetch(FetchRequest(url="http://outer.test/news"))
        unknown = await made.fetcher.fetch(FetchRequest(url="http://unknown.test/"))
    assert isinstance(inner, Refused)
    assert inner.kind == "guard"
    assert isinstance(outer, Fetched)
    assert isinstance(unknown, Failed)
    assert unknown.kind == "dns"
    assert [asked.target for asked in proxy.asked] == ["http://outer.test/robots.txt", "http://outer.test/news"]


async def test_loopback_bypasses_the_proxy(bench: Build) -> None:
    async with HostileServer() as proxy, HostileServer() as site:
        got = await bench(proxy=proxy.url("")).fetcher.fetch(FetchRequest(url=site.url("/n")))
    assert isinstance(got, Fetched)
    assert (proxy.connections, site.targets) == (0, ["/n"])


async def test_the_environment_of_the_process_does_not_turn_requests_elsewhere(
    bench: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with HostileServer() as thief, HostileServer() as site:
        for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, thief.url(""))
        await bench().fetcher.fetch(FetchRequest(url=site.url("/n")))
    assert (thief.connections, site.targets) == (0, ["/n"])
