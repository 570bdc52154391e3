"""In and out: the login form and what it says. Who somebody is, is for scraper.web.login."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from scraper.web.desk import Asked
from scraper.web.render import page

router = APIRouter(include_in_schema=False)


@router.get("/login")
def ask(request: Request, here: Asked, next: str = "") -> Response:  # noqa: A002 - the word in the address
    """The form; who is in already goes on."""
    if here.visitor.user or here.desk.config.web.open:
        return RedirectResponse(inside(next), 303)
    return page(request, "login.html", next=inside(next), name="", wrong="")


@router.post("/login")
async def log_in(
    request: Request, here: Asked, name: Annotated[str, Form()] = "", password: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "",  # noqa: A002
) -> Response:  # fmt: skip
    """Name and password against a session."""
    door = request.scope["accordwatch.door"]
    cookie = await request.app.state.logins.log_in(name, password, here.desk, door)
    if cookie is None:
        wrong = "Name and password do not belong together."
        return page(request, "login.html", status=401, next=inside(next), name=name, wrong=wrong)
    if isinstance(cookie, timedelta):
        minutes = cookie // timedelta(minutes=1) + 1
        wrong = f"Too many tries. Wait {minutes} minutes, or ask whoever runs the program."
        answer = page(request, "login.html", status=429, next=inside(next), name=name, wrong=wrong)
        answer.headers["retry-after"] = str(minutes * 60)
        return answer
    return _with(RedirectResponse(inside(next), 303), cookie.header)


@router.post("/logout")
async def log_out(request: Request, here: Asked) -> Response:
    """The session's end."""
    cookie = await request.app.state.logins.log_out(request.scope["accordwatch.cookie"], here.desk)
    return _with(RedirectResponse("/login", 303), cookie.header)


def _with(answer: Response, cookie: str) -> Response:
    answer.headers.append("set-cookie", cookie)
    return answer


def inside(address: str) -> str:
    """The address if it is one of this dashboard's own pages, else the front page: nobody is sent elsewhere."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return "/"
    own = address.startswith("/") and not address.startswith(("//", "/\\")) and not (parts.scheme or parts.netloc)
    return address if own and address.isprintable() and "\\" not in address else "/"
