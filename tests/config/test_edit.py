"""Edits of config.toml by a command: the block that is meant, and not a byte more."""

from __future__ import annotations

import os
import threading
import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scraper.config.edit import add_source, free_id, remove_source, rewrite, set_switch
from scraper.config.template import packaged
from scraper.errors import ConfigError

IHE = {"id": "ihe", "name": 'The "IHE"', "url": "https://www.ihe.net/", "tags": ["a", "b"], "enabled": True}
SMALL = '# mine\n[fetch]\ncontact = "a@b.eu"  # me\n\n# the first\n[[sources]]\nurl = "https://a.eu/"\nid = "a"\n'


def ids(text: str) -> list[str]:
    return [source["id"] for source in tomllib.loads(text)["sources"]]


def removed(before: str, after: str) -> str:
    """What was cut from a text, when one cut explains the difference."""
    start = next(n for n in range(len(before) + 1) if not after.startswith(before[: n + 1]) or n == len(before))
    length = len(before) - len(after)
    assert before[:start] + before[start + length :] == after
    return before[start : start + length]


def test_a_new_source_stands_after_the_last_one_and_all_else_stays():
    text = packaged()
    edited = add_source(text, IHE, ["also seen: https://www.ihe.net/feed/"])
    assert ids(edited) == ["cocir", "himss", "esr", "ihe"]
    assert "# also seen: https://www.ihe.net/feed/\n" in removed(edited, text)


def test_what_was_added_and_removed_leaves_the_file_as_it_was():
    assert remove_source(add_source(packaged(), IHE), "ihe") == packaged()


def test_the_first_source_of_a_file_without_any_is_added_at_its_end():
    edited = add_source("[fetch]\n", IHE)
    assert edited.startswith("[fetch]\n\n[[sources]]\n")
    assert tomllib.loads(edited)["sources"] == [IHE]


def test_an_empty_file_takes_a_source():
    assert tomllib.loads(add_source("", IHE))["sources"] == [IHE]


def test_a_file_without_a_last_line_end_takes_a_source():
    assert ids(add_source(SMALL.rstrip(), IHE)) == ["a", "ihe"]


def test_windows_line_ends_stay():
    edited = add_source(SMALL.replace("\n", "\r\n"), IHE)
    assert edited.count("\n") == edited.count("\r\n")


def test_an_id_that_is_taken_is_refused():
    with pytest.raises(ConfigError, match="a source with this id is there already"):
        add_source(SMALL, {"name": "A", "url": "https://other.eu/"} | {"id": "a"})


def test_a_removed_source_takes_the_comment_right_above_it_along():
    assert removed(SMALL, remove_source(SMALL, "a")) == '# the first\n[[sources]]\nurl = "https://a.eu/"\nid = "a"\n'


def test_a_heading_parted_by_a_blank_line_stays():
    assert "# What to watch" in remove_source(packaged(), "cocir")


def test_an_unknown_id_gets_a_suggestion():
    with pytest.raises(ConfigError, match='did you mean "himss"'):
        remove_source(packaged(), "hims")


def test_pausing_changes_one_word():
    edited = set_switch(packaged(), "himss", "enabled", False)
    assert [a for a, b in zip(packaged().split("\n"), edited.split("\n"), strict=True) if a != b] == ["enabled = true"]
    assert [source["enabled"] for source in tomllib.loads(edited)["sources"]] == [True, False, True]


def test_pausing_a_source_that_says_nothing_adds_one_line():
    assert set_switch(SMALL, "a", "enabled", False) == SMALL + "enabled = false\n"


def test_resuming_a_source_that_says_nothing_changes_nothing():
    assert set_switch(SMALL, "a", "enabled", True) == SMALL


def test_the_comment_behind_the_switch_stays():
    text = SMALL + "enabled = false  # until May\n"
    assert set_switch(text, "a", "enabled", True).endswith("enabled = true  # until May\n")


def test_a_source_without_an_id_is_found_by_what_its_name_makes():
    text = '[[sources]]\nname = "IHE Europe"\nurl = "https://e.eu/"\n'
    assert "enabled = false" in set_switch(text, "ihe-europe", "enabled", False)


def test_a_layout_that_is_not_safe_to_edit_is_left_alone():
    with pytest.raises(ConfigError, match="edit it by hand"):
        set_switch('sources = [{id = "a", url = "https://a.eu/"}]', "a", "enabled", False)


def test_a_header_inside_a_long_text_is_no_header():
    text = 'note = """\n[[sources]]\n"""\n' + SMALL
    with pytest.raises(ConfigError, match="edit it by hand"):
        remove_source(text, "a")


def test_a_file_is_rewritten_byte_for_byte(tmp_path):
    path = tmp_path / "config.toml"
    path.write_bytes(b"\xef\xbb\xbf" + (SMALL + "enabled = true\n").replace("\n", "\r\n").encode())
    path.chmod(0o600)
    before = path.read_bytes()
    rewrite(path, lambda text: set_switch(text, "a", "enabled", False))
    assert path.read_bytes() == before.replace(b"enabled = true", b"enabled = false")
    assert (path.stat().st_mode & 0o777, [each.name for each in tmp_path.iterdir()]) == (0o600, ["config.toml"])


def test_an_edit_that_fails_leaves_the_file_as_it_was(tmp_path):
    path = tmp_path / "config.toml"
    path.write_text(SMALL)
    with pytest.raises(ConfigError):
        rewrite(path, lambda text: remove_source(text, "zzz"))
    assert path.read_text() == SMALL


def test_a_link_to_the_file_stays_a_link(tmp_path):
    real, link = tmp_path / "real.toml", tmp_path / "config.toml"
    real.write_text(SMALL)
    link.symlink_to(real)
    rewrite(link, lambda text: add_source(text, IHE))
    assert link.is_symlink()
    assert ids(real.read_text()) == ["a", "ihe"]


def test_a_file_that_is_not_there_is_one_clear_line(tmp_path):
    with pytest.raises(ConfigError, match="cannot be edited: No such file"):
        rewrite(tmp_path / "config.toml", lambda text: text)


def test_edits_at_the_same_time_lose_nothing(tmp_path):
    path = tmp_path / "config.toml"
    path.write_text(SMALL)

    def adding(number):
        fields = {"id": f"n{number}", "url": f"https://n{number}.eu/", "name": "n" * (1 + number * 50)}
        for _ in range(5):
            rewrite(path, lambda text: add_source(text, fields))
            rewrite(path, lambda text: remove_source(text, fields["id"]))
        rewrite(path, lambda text: add_source(text, fields))

    threads = [threading.Thread(target=adding, args=(number,)) for number in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(ids(path.read_text())) == ["a", "n0", "n1", "n2", "n3"]
    assert [each.name for each in tmp_path.iterdir()] == ["config.toml"]


def test_what_an_editor_saved_meanwhile_is_not_written_over(tmp_path):
    path = tmp_path / "config.toml"
    path.write_text(SMALL)

    def slow(text):
        path.write_text(SMALL + "# by hand\n")
        return add_source(text, IHE)

    with pytest.raises(ConfigError, match="saved by somebody else meanwhile"):
        rewrite(path, slow)
    assert path.read_text() == SMALL + "# by hand\n"


def test_the_new_file_is_closed_to_others_until_it_has_the_rights_of_the_old(tmp_path, monkeypatch):
    path, seen = tmp_path / "config.toml", []
    path.write_text(SMALL)
    chmod = os.fchmod
    monkeypatch.setattr(os, "fchmod", lambda file, mode: (seen.append(os.fstat(file).st_mode), chmod(file, mode)))
    path.chmod(0o644)
    rewrite(path, lambda text: add_source(text, IHE))
    assert ([mode & 0o777 for mode in seen], path.stat().st_mode & 0o777) == ([0o600], 0o644)


def test_the_owner_of_the_file_stays(tmp_path, monkeypatch):
    path, given = tmp_path / "config.toml", []
    path.write_text(SMALL)
    monkeypatch.setattr(os, "chown", lambda _, uid, gid: given.append((uid, gid)))
    rewrite(path, lambda text: add_source(text, IHE))
    assert given == [(path.stat().st_uid, -1), (-1, path.stat().st_gid)]


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"id": "x" * 101, "url": "https://x.eu/"}, "is no id"),
        ({"id": "x", "url": "https://x.eu/", "headers_env": "NOT_SET"}, "the variable NOT_SET is empty"),
        ({"id": "x", "url": "https://x.eu/", "name": "\u202e\u3164"}, "a name that nobody can see"),
        ({"name": "Add", "url": "https://x.eu/"}, "a word of the dashboard's own"),
    ],
)
def test_what_would_not_load_is_not_written(tmp_path, fields, fault):
    path = tmp_path / "config.toml"
    path.write_text(SMALL)
    with pytest.raises(ConfigError, match=fault):
        rewrite(path, lambda text: add_source(text, fields), environ={})
    assert path.read_text() == SMALL


def test_an_edit_of_a_part_is_tried_with_the_file_that_includes_it(tmp_path):
    home, part = tmp_path / "config.toml", tmp_path / "more.toml"
    home.write_text('include = ["more.toml"]\n' + SMALL)
    part.write_text('[[sources]]\nid = "b"\nurl = "https://b.eu/"\n')
    with pytest.raises(ConfigError, match='"a" is used twice'):
        rewrite(home, lambda text: text.replace('"b"', '"a"'), part=part)
    rewrite(home, lambda text: set_switch(text, "b", "enabled", False), part=part)
    assert part.read_text().endswith("enabled = false\n")


def test_an_id_is_short_and_no_word_of_the_dashboard():
    assert free_id("x" * 500, {"x" * 60}) == "x" * 60 + "-2"
    assert free_id("Add", ()) == "add-2"


@settings(deadline=None, max_examples=100)
@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_whatever_a_name_holds_it_is_read_back_as_given(name):
    fields = {"id": "x", "name": name, "url": "https://x.eu/"}
    assert tomllib.loads(add_source(SMALL, fields))["sources"][1]["name"] == name
