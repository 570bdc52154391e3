"""What a person can do about a look that failed: one short clause after the cause. Nothing is judged here."""

from __future__ import annotations

from scraper.fetch.message import Failed, Refused

AGAIN = "it is tried again by itself"
NO_NAME = "check the spelling of the address, and this machine's network"
PUBLIC_ONLY, WEB_ONLY = "only public addresses are asked", "give an address with http:// or https://"
_REFUSED = {
    "robots": "name an address of theirs that may be read, or set enabled = false",
    "guard": f"{PUBLIC_ONLY}; [fetch] allow_addresses opens a private network",
    "scheme": WEB_ONLY,
    "redirects": "open it in a browser and write the address where that ends",
    "busy": AGAIN,
}
_FAILED = {
    "dns": NO_NAME,
    "connect": f"check host and port; {AGAIN}",
    "tls": "open it in a browser; [fetch] ca_file takes an office's own certificate authority",
    "timeout": f"{AGAIN}; [fetch] timeout gives a slow site longer",
    "too_large": "[fetch] max_body allows more",
    "browser": "pip install 'accordwatch[browser]' and a Chromium; [fetch] chromium names it where it is not found",
}
_STATUS = {
    401: "it wants a login; headers_env may carry one",
    403: "it refuses us; see whether a browser may read it",
    404: "see whether the address is still right; `accordwatch add` finds another",
    410: "see whether the address is still right; `accordwatch add` finds another",
}
SCRIPTS = "shows nothing without JavaScript"
NO_ENTRIES = "open it in a browser and see whether it still lists them"
NO_NEWS = "open it in a browser and give the address of the news page, a feed or a sitemap"
_WALLS = {  # what a list that names nothing turned out to be (discover/walls.py)
    "asks for a login": "headers_env may carry one; or give a feed or page that is open to all",
    "asks whether we are a robot": "give its feed or sitemap, or ask the site to let accordwatch in",
    "asks for consent": "headers_env may carry the consent cookie; or give its feed or sitemap",
    "is down for maintenance": AGAIN,
    SCRIPTS: "give its feed or sitemap, or set browser = true",
}


def for_list(trouble: str) -> str:
    """The cause why a list names nothing, and what to do."""
    return f"{trouble}; {_WALLS.get(trouble, NO_NEWS)}"


def with_remedy(result: Failed | Refused) -> str:
    """The cause, and what to do."""
    if isinstance(result, Refused):
        retry = result.kind == "robots" and result.retry_at is not None
        return f"{result.reason}; {AGAIN if retry else _REFUSED.get(result.kind, AGAIN)}"
    if result.kind == "status":
        return f"{result.reason}; {_STATUS.get(result.status or 0, AGAIN)}"
    return f"{result.reason}; {_FAILED.get(result.kind, AGAIN)}"
