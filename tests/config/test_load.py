"""config.toml as people write it: what is read, what is a fault, and how each fault reads."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest
import tomlkit
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scraper.config import Config, find, load
from scraper.config.settings import MailConf
from scraper.config.tables import MANY, NAMED, SINGLE
from scraper.errors import ConfigError
from storage.records.source import FirstCrawl, Recipe

SOURCE = '[[sources]]\nurl = "https://www.ihe.net/news"\nname = "IHE"\n'
PERSON = '[people.analyst]\naddress = "ana@office.eu"\n'
RULE = '[[alerts]]\nname = "partnerships"\nto = ["analyst"]\n'


@pytest.fixture
def read(tmp_path: Path):
    def read(text: str, environ: dict[str, str] | None = None) -> Config:
        path = tmp_path / "config.toml"
        path.write_text(text, encoding="utf-8")
        return load(path, environ=environ or {})

    return read


@pytest.fixture
def faults(read):
    def faults(text: str, environ: dict[str, str] | None = None) -> tuple[str, ...]:
        with pytest.raises(ConfigError) as caught:
            read(text, environ)
        return caught.value.faults

    return faults


def test_an_empty_file_has_the_documented_defaults(read, tmp_path):
    config = read("")
    assert config.storage.url == f"sqlite:///{tmp_path}/accordwatch.db"
    assert (config.fetch.per_host_delay, config.fetch.max_body) == (timedelta(seconds=2), 10_000_000)
    assert config.watch.first_crawl == FirstCrawl(items=50, age=timedelta(days=180))
    assert (config.watch.confirm_withdrawn.checks, config.watch.confirm_withdrawn.over) == (3, timedelta(days=2))
    assert (config.mail.transport, config.mail.port, config.mail.folder) == ("folder", 587, tmp_path / "mails")


def test_a_source_needs_no_more_than_its_address(read):
    (source,) = read('[[sources]]\nurl = "https://www.ihe.net/news"').sources
    assert (source.id, source.name, source.every, source.enabled) == ("www.ihe.net", "www.ihe.net", "2h", True)


def test_an_id_is_made_of_the_name_when_none_is_given(read):
    (source,) = read('[[sources]]\nname = "IHE Europe"\nurl = "https://www.ihe.net/"').sources
    assert source.id == "ihe-europe"


def test_a_source_takes_zone_and_first_look_from_watch_unless_it_has_its_own(read):
    watch = '[watch]\ntimezone = "Europe/Vienna"\nfirst_crawl = "5 items"\n'
    own = '[[sources]]\nurl = "https://a.eu/"\ntimezone = "Asia/Tokyo"\nfirst_crawl = "all"\n'
    first, second = read(watch + SOURCE + own).sources
    assert (first.timezone, first.first_crawl) == ("Europe/Vienna", FirstCrawl(items=5, age=None))
    assert (second.timezone, second.first_crawl) == ("Asia/Tokyo", FirstCrawl(items=None, age=None))


def test_headers_come_from_the_environment_and_are_never_shown(read):
    config = read(SOURCE + 'headers_env = "IHE"', {"IHE": "Authorization: Bearer x\nX-Key: 1:2"})
    assert config.sources[0].headers == (("Authorization", "Bearer x"), ("X-Key", "1:2"))
    assert "Bearer" not in repr(config)


def test_the_password_comes_from_the_environment_and_is_never_shown(read):
    config = read("", {"ACCORDWATCH_MAIL_PASSWORD": "s3cret"})
    assert config.mail.password == "s3cret"
    assert "s3cret" not in repr(config)


def test_the_password_may_stand_in_a_file_beside(read, tmp_path):
    (tmp_path / "pw").write_text("s3cret\n")
    assert read('[mail]\npassword_file = "pw"').mail.password == "s3cret"


def test_postgresql_is_taken_with_its_driver_and_its_password_never_shown(read):
    config = read('[storage]\nurl = "postgresql://me:s3cret@db/watch"')
    assert config.storage.url == "postgresql+psycopg://me:s3cret@db/watch"
    assert "s3cret" not in repr(config)


def test_networks_may_be_single_addresses(read):
    allowed = read('[fetch]\nallow_addresses = ["127.0.0.0/8", "::1"]').fetch.allow_addresses
    assert allowed == (ip_network("127.0.0.0/8"), ip_network("::1"))


def test_recipients_are_people_or_plain_addresses(read):
    rule = read(PERSON + '[[alerts]]\nname = "p"\nto = ["analyst", "desk@office.eu"]').rules[0]
    assert [person.address for person in rule.to] == ["ana@office.eu", "desk@office.eu"]


def test_a_rule_keeps_its_version_while_it_says_the_same(read):
    one = read(PERSON + RULE).rules[0].version
    assert read(PERSON + '[[alerts]]\nto = "analyst"   # me\nname = "partnerships"\n').rules[0].version == one
    assert read(PERSON + RULE + 'certainty = "possible"').rules[0].version != one


def test_an_organisation_is_known_by_its_domain(read):
    body = read('[[organisations]]\nname = "European Society of Radiology"\nacronym = "ESR"\ndomain = "myesr.org"')
    assert body.organisations[0].id == "myesr.org"


def test_included_files_add_sources_and_each_knows_its_home(read, tmp_path):
    (tmp_path / "sources.d").mkdir()
    (tmp_path / "sources.d" / "b.toml").write_text('[[sources]]\nurl = "https://b.eu/"')
    (tmp_path / "sources.d" / "a.toml").write_text('[[sources]]\nurl = "https://a.eu/"')
    config = read('include = ["sources.d/*.toml"]\n' + SOURCE)
    assert [source.id for source in config.sources] == ["ihe", "a.eu", "b.eu"]
    assert config.home_of(config.sources[1].id) == tmp_path / "sources.d" / "a.toml"


def test_a_fault_in_an_included_file_names_that_file(faults, tmp_path):
    (tmp_path / "more.toml").write_text('[[sources]]\nurl = "a.eu"\n[fetch]\n')
    found = faults('include = ["more.toml"]\n' + SOURCE)
    assert "more.toml: fetch: belongs into config.toml, not into an included file" in found
    assert 'more.toml: sources[0].url: "a.eu" is no web address; it starts with "https://" or "http://"' in found


def test_an_included_file_that_is_not_there_is_a_fault_and_an_empty_folder_is_none(faults, read):
    (fault,) = faults('include = ["more.toml"]')
    assert fault.startswith('include[0]: there is no file "more.toml"')
    assert read('include = ["sources.d/*.toml"]').sources == ()


def test_a_pattern_that_matches_config_toml_itself_does_not_include_it_twice(read):
    assert len(read('include = ["*.toml"]\n' + SOURCE).sources) == 1


def test_people_of_an_included_file_join_those_of_config_toml(read, tmp_path):
    (tmp_path / "more.toml").write_text('[people.ben]\naddress = "ben@office.eu"')
    assert {person.id for person in read('include = ["more.toml"]\n' + PERSON).people} == {"analyst", "ben"}


@pytest.mark.parametrize("text", ["people = 3", "sources = 3", 'include = ["config.toml"]'])
def test_a_broken_included_file_is_a_fault(faults, tmp_path, text):
    (tmp_path / "more.toml").write_text(text)
    assert faults('include = ["more.toml"]')


FAULTS = [
    ('[[sources]]\nurl="https://a.eu/"\nevery="5 parsecs"',
     'sources[0].every: "5 parsecs" is no duration; write "30m" or "6h"'),
    ('[[sources]]\nurl="https://a.eu/"\nevery="0 25 * * *"',
     'sources[0].every: "0 25 * * *" has no hour of a cron line; write "0 7 * * mon-fri" for 7:00 on workdays'),
    ('[[sources]]\nurl="https://a.eu/"\nevry="2h"', 'sources[0].evry: unknown key; did you mean "every"?'),
    ('[[sources]]\nname="A"', "sources[0].url: is missing"),
    ('[[sources]]\nurl="https://u:p@a.eu/"',
     "sources[0].url: the address holds a name or password; put a header into the environment, see headers_env"),
    ('[[sources]]\nurl="https://a.eu/"\nenabled="no"',
     'sources[0].enabled: "no" is neither true nor false; write it without quotes'),
    ('[[sources]]\nurl="https://a.eu/"\ninclude=["("]',
     'sources[0].include[0]: "(" is no regular expression: missing ), unterminated subpattern at position 0'),
    ('[[sources]]\nurl="https://a.eu/"\nheaders_env="NOPE"',
     'sources[0].headers_env: the variable NOPE is empty; put lines of "Name: value" into it'),
    ('[[sources]]\nurl="https://a.eu/"\nlanguage="English"',
     'sources[0].language: "English" is no language; write its two letters, "en" or "de"'),
    (SOURCE + SOURCE, 'sources[1].id: "ihe" is used twice; give each its own id'),
    ("[fetsch]", 'fetsch: unknown key; did you mean "fetch"?'),
    ('[fetch]\nmax_body="ten"', 'fetch.max_body: "ten" is no size; write "500kB" or "10MB"'),
    ('[fetch]\nper_host_connections=0', "fetch.per_host_connections: 0 is too small; the least is 1"),
    ('[fetch]\nallow_addresses=["home"]',
     'fetch.allow_addresses[0]: "home" is no network; write "127.0.0.0/8" or "10.1.2.3"'),
    ("fetch = 3", "fetch: is no table of settings"),
    ("sources = 3", "sources: is no list of tables; write [[sources]]"),
    ('[storage]\nurl="mysql://me:s3cret@db/x"',
     'storage.url: "db/x" is no database of ours; write "sqlite:///accordwatch.db" or '
     '"postgresql+psycopg://user@host/db"'),
    ('[watch]\ntimezone="Europe/Brusels"',
     'watch.timezone: "Europe/Brusels" is no time zone; did you mean "Europe/Brussels"?'),
    ('[watch]\nfirst_crawl="a few"',
     'watch.first_crawl: "a few" bounds no first look; write "50 items or 180d", "50 items", "180d" or "all"'),
    ('[watch]\nconfirm_withdrawn="soon"',
     'watch.confirm_withdrawn: "soon" says not how often; write "3 checks over 2d" or "1 check"'),
    ('[mail]\ntransport="smtp"', 'mail.host: is empty, and transport = "smtp" needs the name of the mail server'),
    ('[mail]\ntransport="smpt"\n', 'mail.transport: "smpt" is none of the choices; did you mean "smtp"?'),
    ('[mail]\npassword="x"',
     "mail.password: a password does not belong into this file; see password_env and password_file"),
    ('[mail]\nport="587"', 'mail.port: "587" is no whole number; write it without quotes'),
    ('[people.ana]\naddress="ana"', 'people.ana.address: "ana" is no mail address; write "name@organisation.eu"'),
    ('[people.ana]\naddress="a@b.eu"\nquiet_hours="night"',
     'people.ana.quiet_hours: "night" is no span of hours; write "22:00-06:30"'),
    (PERSON + '[[alerts]]\nname="p"\nto=["analist"]',
     'alerts[0].to[0]: "analist" is no mail address and none of [people]; did you mean "analyst"?'),
    ('[[alerts]]\nname="p"', "alerts[0].to: names nobody; write a mail address or the name of one of [people]"),
    (PERSON + RULE + 'sources=["ieh"]\n' + SOURCE,
     'alerts[0].sources[0]: no source has the id "ieh"; did you mean "ihe"?'),
    (PERSON + RULE + 'actions=["signd"]',
     'alerts[0].actions[0]: "signd" is none of the choices; did you mean "signed"?'),
    (PERSON + RULE + 'delivery="hourly"',
     'alerts[0].delivery: "hourly" is no delivery; write "at once", "daily 07:30" or "weekly mon 08:00"'),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "fault"), FAULTS, ids=[fault.split(":")[0] + str(n) for n, (_, fault) in enumerate(FAULTS)]
)
def test_each_fault_names_its_path_its_value_and_what_to_write(faults, text, fault):
    assert faults(text) == (fault,)


def test_all_faults_are_reported_at_once(faults):
    text = '[fetch]\ntimeout = "soon"\n[mail]\nprot = 25\n[[sources]]\nurl = "x"\nevery = "often"\n'
    assert [fault.split(":")[0] for fault in faults(text)] == [
        "fetch.timeout", "mail.prot", "sources[0].url", "sources[0].every",
    ]  # fmt: skip


def test_one_fault_reads_as_one_line(read):
    with pytest.raises(
        ConfigError, match=r'^config\.toml: fetch\.timeout: "soon" is no duration; write "30m" or "6h"$'
    ):
        read('[fetch]\ntimeout = "soon"')


def test_a_syntax_error_names_its_line(read):
    with pytest.raises(ConfigError, match=r"^config\.toml, line 2: no TOML: .*; mend that line$"):
        read('[fetch]\ncontact = "me\n')


def test_a_missing_file_points_to_init(tmp_path):
    with pytest.raises(ConfigError, match="there is no such file; `accordwatch init` writes one"):
        load(tmp_path / "config.toml", environ={})


def test_a_file_that_is_no_text_is_one_line_too(tmp_path):
    (tmp_path / "config.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="it is no UTF-8"):
        load(tmp_path / "config.toml", environ={})


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(tmp_path):
    (tmp_path / "config.toml").write_bytes(b"\xef\xbb\xbf[fetch]\r\ntimeout = '5s'\r\n")
    assert load(tmp_path / "config.toml", environ={}).fetch.timeout == timedelta(seconds=5)


def test_the_file_is_the_named_one_else_of_the_environment_else_here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    environ = {"ACCORDWATCH_CONFIG": str(tmp_path / "other.toml")}
    assert find(tmp_path / "mine.toml", environ) == tmp_path / "mine.toml"
    assert find(None, environ) == tmp_path / "other.toml"
    assert find(None, {}) == tmp_path / "config.toml"


def test_recipes_of_a_source_are_one_table_or_several_with_their_days(read):
    one = read(SOURCE + 'recipe = { body = "div.text" }').sources[0]
    assert one.recipe == (Recipe(body="div.text"),)
    many = '[[sources.recipe]]\nbody = ".old"\n[[sources.recipe]]\nsince = 2024-05-01\nremove = ".share"'
    recipes = read(SOURCE + many).sources[0].hints
    assert recipes.recipe_on(date(2024, 4, 30)).body == ".old"
    assert recipes.recipe_on(date(2024, 5, 1)).remove == (".share",)


@pytest.mark.parametrize(
    ("recipe", "fault"),
    [
        ('"r.toml"', r'sources\[0\]\.recipe: "r.toml" is no recipe'),
        ('{ body = "div..x" }', r'sources\[0\]\.recipe\[0\]\.body: "div..x" is no CSS selector'),
        ('{ bodi = "div" }', r"sources\[0\]\.recipe\[0\]\.bodi: unknown key"),
    ],
)
def test_a_recipe_that_cannot_be_used_says_why(read, recipe, fault):
    with pytest.raises(ConfigError, match=fault):
        read(SOURCE + f"recipe = {recipe}")


def complete(config: Config) -> Config:
    fetch = replace(config.fetch, contact="ana@office.eu")
    return replace(config, fetch=fetch, mail=MailConf(sender="watch@office.eu"))


def test_with_all_addresses_set_nothing_holds_it_back(read):
    config = complete(read(PERSON + RULE))
    assert (config.why_not_crawl(), config.why_not_send()) == (None, None)


@pytest.mark.parametrize("contact", ["", "me@example.org", "https://example.com/bot"])
def test_a_placeholder_contact_allows_no_crawl(read, contact):
    assert "[fetch] contact" in (read(f'[fetch]\ncontact = "{contact}"').why_not_crawl() or "")


@pytest.mark.parametrize("sender", ["", "Watch <watch@mail.example.net>"])
def test_a_placeholder_sender_allows_no_sending(read, sender):
    assert "[mail] sender" in (read(f'[mail]\nsender = "{sender}"').why_not_send() or "")


def test_a_placeholder_recipient_allows_no_sending(read):
    config = complete(read('[people.analyst]\naddress = "you@example.org"\n' + RULE))
    assert config.why_not_send() == (
        'config.toml: [people.analyst] address is the placeholder "you@example.org"; set it to who shall get the alerts'
    )


def test_a_placeholder_in_a_rule_that_is_off_holds_nothing_back(read):
    assert complete(read('[people.analyst]\naddress = ""\n' + RULE + "enabled = false")).why_not_send() is None


KEYS = st.sampled_from(sorted({key for table in (*SINGLE.values(), *MANY.values(), *NAMED.values())
                               for key in table.__dataclass_fields__} | {"odd"}))  # fmt: skip
PLAIN = st.one_of(
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8), st.integers(-5, 5), st.booleans(),
    st.floats(allow_nan=False, allow_infinity=False), st.dates(),
)  # fmt: skip
VALUES = st.recursive(PLAIN, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(KEYS, inner, max_size=2))
TABLE = st.dictionaries(KEYS, VALUES, max_size=4)
FILES = st.dictionaries(
    st.sampled_from(["include", "odd", *SINGLE, *MANY, *NAMED]),
    st.one_of(TABLE, st.lists(TABLE, max_size=2), st.dictionaries(KEYS, TABLE, max_size=2), VALUES), max_size=4,
)  # fmt: skip


@settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(FILES)
def test_whatever_a_file_holds_it_is_a_configuration_or_faults_each_with_its_path(tmp_path, tables):
    path = tmp_path / "config.toml"
    path.write_text(tomlkit.dumps(tables), encoding="utf-8")
    faults: tuple[str, ...] = ()
    try:
        load(path, environ={})
    except ConfigError as error:
        faults = error.faults or (str(error),)
    assert all(": " in fault for fault in faults)
