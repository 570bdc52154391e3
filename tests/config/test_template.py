"""The packaged template: what `init` writes, and what stands at the top of the repository."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from scraper.config import load
from scraper.config.settings import NO_MORE_KEYS
from scraper.config.tables import MANY, NAMED, SINGLE
from scraper.config.template import packaged, template
from scraper.config.values import placeholder
from scraper.errors import ConfigError

TOP = Path(__file__).parents[2]
DOCUMENTATION = TOP / "docs" / "configuration.md"
TABLES = {**SINGLE, **MANY, **NAMED}
KEYS = [(name, key) for name, table in TABLES.items() for key in table.__dataclass_fields__]


def test_the_file_at_the_top_is_the_packaged_one():
    assert (TOP / "config.toml").read_bytes().decode() == packaged()


def test_the_readme_names_each_command_once_and_the_sources_that_come_along():
    readme = (TOP / "README.md").read_text("utf-8")
    first_column = [line.split("|")[1] for line in readme.splitlines() if line.startswith("| ")]
    assert len(first_column) == len(set(first_column))
    assert "COCIR, HIMSS and ESR: the first `crawl` reads them too" in readme


def test_it_watches_cocir_himss_and_esr_and_mails_partnerships_and_trouble():
    config = load(TOP / "config.toml", environ={})
    assert [(source.id, source.enabled) for source in config.sources] == [
        ("cocir", True),
        ("himss", True),
        ("esr", True),
    ]
    assert [(rule.name, rule.when) for rule in config.rules] == [
        ("partnerships", ("partnership",)),
        ("sources", ("source_trouble",)),
    ]


def test_it_neither_crawls_nor_sends_before_somebody_has_set_addresses():
    config = load(TOP / "config.toml", environ={})
    assert config.why_not_crawl()
    assert config.why_not_send()
    assert all(placeholder(person.address) for person in config.people)


def test_it_says_the_defaults_that_the_program_has(tmp_path):
    (tmp_path / "config.toml").write_text("", encoding="utf-8")
    (tmp_path / "full.toml").write_text(packaged(), encoding="utf-8")
    bare, full = (load(tmp_path / name, environ={}) for name in ("config.toml", "full.toml"))
    for name in SINGLE:
        assert getattr(full, name) == getattr(bare, name)


@pytest.mark.parametrize(("table", "key"), KEYS, ids=[f"{table}.{key}" for table, key in KEYS])
def test_every_setting_has_its_line_with_a_comment_in_the_template(table, key):
    lines = [line.lstrip("# ") for line in packaged().splitlines()]
    assert any(line.startswith(f"{key} =") for line in lines)


@pytest.mark.parametrize(("table", "key"), KEYS, ids=[f"{table}.{key}" for table, key in KEYS])
def test_every_setting_has_its_line_in_the_documentation(table, key):
    text = DOCUMENTATION.read_text(encoding="utf-8")
    section = text.split(f"\n## `{HEADINGS.get(table, f'[{table}]')}`", 1)[1].split("\n## ", 1)[0]
    assert f"\n| `{key}` |" in section


SINGLE_KEYS = [(table, key) for table, key in KEYS if table in SINGLE]


@pytest.mark.parametrize(("table", "key"), SINGLE_KEYS, ids=[f"{table}.{key}" for table, key in SINGLE_KEYS])
def test_the_documentation_names_the_default_that_the_program_has(table, key):
    section = DOCUMENTATION.read_text(encoding="utf-8").split(f"\n## `[{table}]`", 1)[1].split("\n## ", 1)[0]
    default = next(line for line in section.splitlines() if line.startswith(f"| `{key}` |")).split("|")[2].strip(" `")
    written = {} if default == "none" else tomllib.loads(f"{key} = {default}")
    read = TypeAdapter(SINGLE[table]).validate_python(written)
    assert getattr(read, key) == SINGLE[table].__dataclass_fields__[key].default


HEADINGS = {
    "sources": "[[sources]]",
    "alerts": "[[alerts]]",
    "organisations": "[[organisations]]",
    "people": "[people.NAME]",
}


def test_every_table_refuses_keys_that_it_does_not_know():
    assert all(table.__pydantic_config__ is NO_MORE_KEYS for table in TABLES.values())


def test_init_fills_in_the_answers_and_keeps_every_comment(tmp_path):
    text = template("ana@office.eu", "desk@office.eu", sender="watch@office.eu", host="mail.office.eu")
    (tmp_path / "config.toml").write_text(text, encoding="utf-8")
    config = load(tmp_path / "config.toml", environ={})
    assert (config.why_not_crawl(), config.why_not_send()) == (None, None)
    assert (config.mail.transport, config.mail.host) == ("smtp", "mail.office.eu")
    assert text.count("#") == packaged().count("#")


def test_init_without_answers_writes_the_template_as_it_is():
    assert template() == packaged()


@pytest.mark.parametrize("answer", ["nobody", 'a"]\n[web]\nbind = "0.0.0.0:1', "a@b.eu\nx"])
def test_an_answer_that_is_no_address_is_refused_before_anything_is_written(answer):
    for key in ("contact", "recipient", "sender"):
        with pytest.raises(ConfigError, match=f"^{key}: .* is no mail address"):
            template(**{key: answer})


def test_a_name_with_quotes_cannot_break_the_file():
    name = 'a"]\n[web]\nbind = "0.0.0.0:1'
    assert tomllib.loads(template(host=name))["mail"]["host"] == name
