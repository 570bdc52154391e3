"""Mail as files."""

from __future__ import annotations

from dataclasses import replace
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from scraper.alert.channel import MailSettings
from scraper.alert.channels.folder import Folder
from scraper.alert.mail import Envelope, make_mail
from storage.records.alert import Message
from tests.alert.builders import NOW


def a_mail(subject: str = "COCIR + HIMSS renew cooperation agreement", key: str = "one") -> Message:
    envelope = Envelope(key=key, channel="email", to="ana@press.eu", sender="", subject=subject, date=NOW)
    return make_mail(envelope, text="Hello.", html="<p>Hällo.</p>")


async def test_a_mail_is_an_eml_and_an_html_file(tmp_path: Path):
    receipt = await Folder(MailSettings(folder=tmp_path / "mails")).send(a_mail())
    names = sorted(path.name for path in (tmp_path / "mails").iterdir())
    assert receipt.outcome == "sent"
    assert len(names) == 2
    assert names[0].startswith("20261120T100000Z-cocir-himss-renew-cooperation-agreement-")
    mail = message_from_bytes(Path(receipt.detail).read_bytes(), policy=policy.default)
    assert mail["Subject"] == "COCIR + HIMSS renew cooperation agreement"
    assert Path(receipt.detail).with_suffix(".html").read_text("utf-8") == "<p>Hällo.</p>\n"


async def test_a_mail_written_twice_is_one_file(tmp_path: Path):
    folder = Folder(MailSettings(folder=tmp_path))
    assert (await folder.send(a_mail())).detail == (await folder.send(a_mail())).detail
    assert len(list(tmp_path.glob("*.eml"))) == 1


async def test_two_mails_of_one_subject_and_second_are_two_files(tmp_path: Path):
    folder = Folder(MailSettings(folder=tmp_path))
    for key in ("one", "two"):
        await folder.send(a_mail(key=key))
    assert len(list(tmp_path.glob("*.eml"))) == 2


@pytest.mark.parametrize("subject", ["../../etc/passwd", "新闻", "a/b\\c:d*e?", "x" * 500, "CON", ".hidden"])
async def test_no_subject_leaves_the_folder(tmp_path: Path, subject: str):
    receipt = await Folder(MailSettings(folder=tmp_path)).send(a_mail(subject))
    assert Path(receipt.detail).parent == tmp_path
    assert len(Path(receipt.detail).name) < 120


async def test_a_folder_that_cannot_be_written_is_tried_later(tmp_path: Path):
    (tmp_path / "file").write_text("in the way")
    receipt = await Folder(MailSettings(folder=tmp_path / "file")).send(a_mail())
    assert receipt.outcome == "later"
    assert receipt.detail.startswith(str(tmp_path / "file"))


async def test_a_message_without_a_date_has_a_name_too(tmp_path: Path):
    bare = replace(a_mail(), raw=b"Subject: x\r\n\r\nbody")
    receipt = await Folder(MailSettings(folder=tmp_path)).send(bare)
    assert Path(receipt.detail).name.startswith("undated-")


async def test_nothing_half_written_is_left_behind(tmp_path: Path):
    await Folder(MailSettings(folder=tmp_path)).send(a_mail())
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
