"""One answer to one request, pages that send their readers on followed like redirects. Judges nothing."""

from __future__ import annotations

from dataclasses import replace

from scraper.fetch.message import Fetched, Fetcher, FetchRequest, FetchResult, Hop
from scraper.page import sent_on_to
from scraper.url import authority_of

MOST_STEPS = 3
SENT_ON = 302  # such a page says nothing of "for good"


async def follow(request: FetchRequest, fetcher: Fetcher) -> FetchResult:
    """Ask, and ask on where the page itself leads. The last answer, with all hops and requests on the way.

    Own headers stay with the first origin; the page itself is the answer when it leads in a circle.
    """
    result = await fetcher.fetch(request)
    hops: tuple[Hop, ...] = ()
    seen = {request.url}
    for _ in range(MOST_STEPS):
        if not isinstance(result, Fetched):
            break
        onward = sent_on_to(result.body, result.final_url, result.header("content-type"))
        if not onward or onward in seen:
            break
        seen.add(onward)
        hops += (*result.hops, Hop(url=result.final_url, status=SENT_ON))
        same = authority_of(onward) == authority_of(request.url)
        asked = replace(request, url=onward, etag="", last_modified="", headers=request.headers if same else ())
        answer = await fetcher.fetch(asked)
        answer = replace(answer, url=request.url, requests=answer.requests + result.requests)
        result = (
            replace(answer, hops=(*hops, *answer.hops), etag="", last_modified="")
            if isinstance(answer, Fetched)
            else answer
        )
    return result
