"""Addresses as people write them."""

from __future__ import annotations

import pytest

from scraper.alert.address import address_fault, is_placeholder, read_address


@pytest.mark.parametrize(
    ("text", "name", "spec"),
    [
        ("ana@press.eu", "", "ana@press.eu"),
        ("Zoë Müller <zoe@münchen.de>", "Zoë Müller", "zoe@xn--mnchen-3ya.de"),
        ('"Desk, Press" <desk+news@Press.EU>', "Desk, Press", "desk+news@press.eu"),
        ("root@localhost", "", "root@localhost"),
        ("o'neil.a_b@x-y.eu", "", "o'neil.a_b@x-y.eu"),
    ],
)
def test_one_address_is_read(text: str, name: str, spec: str):
    box = read_address(text)
    assert box is not None
    assert (box.name, box.spec) == (name, spec)


@pytest.mark.parametrize(
    "text",
    [
        "", "nobody", "@press.eu", "ana@", "a@b@c", "a@b.eu, c@d.eu", "a b@c.eu", "ana@press..eu", "ana@-press.eu",
        ".ana@press.eu", "ana@press.eu\r\nBcc: x@y.eu", "ana\0@press.eu", "<ana@press.eu> <b@c.eu>", "ana@" + "x" * 300,
        "ana\u202e@press.eu", "=?utf-8?q?x?=@press.eu;",
    ],
)  # fmt: skip
def test_what_is_not_one_address_is_none(text: str):
    assert read_address(text) is None


@pytest.mark.parametrize(
    "text", ["", "  ", "you@example.org", "Ana <ana@EXAMPLE.com>", "a@mail.example.net.", "you@your-organisation.org"]
)
def test_placeholders_are_known(text: str):
    assert is_placeholder(text)


def test_a_real_address_is_no_placeholder_and_has_no_fault():
    assert not is_placeholder("ana@myexample.org")
    assert address_fault("ana@myexample.org", "mail.sender") == ""


def test_a_fault_names_the_setting_and_what_to_do():
    assert address_fault("", "mail.sender") == "mail.sender: no address is set; set it to your own"
    assert address_fault("x\ny", "people.*.address").startswith("people.*.address: 'x y' is no mail address")
