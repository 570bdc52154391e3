"""The command line as a person or a script meets it: real processes where it matters, one line for each error."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from scraper.__main__ import main
from scraper.cli.commands import app
from scraper.cli.face import plain, print_csv
from scraper.config import load
from storage.store import Store
from tests.builders import a_target

PAGE = """<html lang="en"><head>
<title>Alpha Society and Beta Council sign agreement | ASI</title></head><body><nav><a href="/">Home</a></nav>
<article><h1>Alpha Society and Beta Council sign agreement</h1>
<p>The Alpha Society of Imaging (ASI) and the Beta Council of Hospitals (BCH) signed a cooperation agreement on
3 March 2026. It covers training, data and a common congress that both bodies will hold each year from now on.</p>
<p>Members of both organisations will have access to each other's courses, and a joint office opens in Ghent.</p>
</article></body></html>"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to stand in, with no configuration of the machine's own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ACCORDWATCH_CONFIG", raising=False)
    return tmp_path


def run(*words: str, code: int = 0) -> str:
    """What a command prints; its exit code must be as expected."""
    result = CliRunner().invoke(app, list(words), catch_exceptions=False)
    assert result.exit_code == code, result.output
    return result.stdout


def fails(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    """Exit code and standard error of a command that cannot go on, through the real entry point."""
    monkeypatch.setattr("sys.argv", ["accordwatch", *words])
    with pytest.raises(SystemExit) as stopped:
        main()
    return int(str(stopped.value.code)), capsys.readouterr().err


def test_without_a_configuration_the_next_step_is_named(home: Path) -> None:
    assert "accordwatch demo" in run()


def test_init_writes_a_configuration_that_reads_well(home: Path) -> None:
    run("init", "--yes", "--contact", "me@office.eu", "--recipient", "me@office.eu")
    assert "3 sources, 0 items, 0 changes, 0 partnerships" in run()


def test_init_never_overwrites(home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "config.toml").write_text("# mine\n")
    code, word = fails(monkeypatch, capsys, "init", "--yes")
    assert code == 2
    assert "never overwritten" in word
    assert (home / "config.toml").read_text() == "# mine\n"


def test_placeholders_never_act(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run("init", "--yes")
    code, word = fails(monkeypatch, capsys, "crawl")
    assert code == 2
    assert "contact" in word


def test_a_broken_configuration_names_each_fault_with_its_path(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "config.toml").write_text(
        '[fetch]\ntimeout = "soon"\n[[sources]]\nname = "A"\nurl = "x"\nevery = "5 parsecs"\n'
    )
    code, word = fails(monkeypatch, capsys, "items")
    assert code == 2
    assert "fetch.timeout" in word
    assert 'sources[0].every: "5 parsecs" is no duration' in word
    assert "Traceback" not in word


def test_an_unwritable_database_is_one_line(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "config.toml").write_text('[storage]\nurl = "sqlite:////proc/nowhere/a.db"\n')
    code, word = fails(monkeypatch, capsys, "items")
    assert code == 1
    assert word.count("\n") == 1


def test_a_source_that_is_not_there_is_a_wrong_argument(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run("init", "--yes")
    code, word = fails(monkeypatch, capsys, "crawl", "nobody")
    assert code == 2
    assert "cocir" in word


def test_lists_of_an_empty_memory_are_empty_lists(home: Path) -> None:
    run("init", "--yes")
    for name in ("items", "changes", "partnerships", "alerts"):
        assert json.loads(run(name, "--json")) == []


def test_inspect_reads_a_file_and_stores_nothing(home: Path) -> None:
    (home / "page.html").write_text(PAGE)
    found = json.loads(run("inspect", "page.html", "--url", "https://asi.test/news/1", "--json"))
    assert found["title"] == "Alpha Society and Beta Council sign agreement"
    assert [party["acronym"] for party in found["partnerships"][0]["parties"]] == ["ASI", "BCH"]
    assert [path.name for path in home.iterdir()] == ["page.html"]


@pytest.mark.parametrize("words", [("items",), ("partnerships",), ("partnerships", "confirm", "1")])
def test_a_configuration_named_before_the_command_holds_for_it(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    code, said = fails(monkeypatch, capsys, "--config", "elsewhere.toml", *words)
    assert (code, "elsewhere.toml" in said) == (2, True)


def test_a_source_is_paused_and_goes_on_by_its_id(home: Path) -> None:
    run("init", "--yes", "--contact", "a@desk.eu")
    assert "paused" in run("pause", "cocir")
    assert "enabled = false" in (home / "config.toml").read_text()
    run("resume", "cocir")
    assert "enabled = false" not in (home / "config.toml").read_text()


def test_inspect_for_people_shows_the_sentence(home: Path) -> None:
    (home / "page.html").write_text(PAGE)
    assert "signed a cooperation agreement" in run("inspect", "page.html")


def test_inspect_says_which_date_was_chosen_and_why(home: Path) -> None:
    (home / "page.html").write_text(PAGE.replace("</h1>", "</h1><p>Published 6 May 2024</p>", 1))
    shown = run("inspect", "page.html")
    assert "2024-05-06 (day, from dateline) published: shown by the headline" in " ".join(shown.split())


def test_inspect_of_a_list_says_so_and_how_to_watch_it(home: Path) -> None:
    cards = "".join(
        f"<article><h2><a href='/news/{n}'>News number {n} of the society</a></h2><time>2024-05-0{n}</time></article>"
        for n in range(1, 8)
    )
    (home / "page.html").write_text(f"<title>News</title><main><h1>News</h1>{cards}</main>")
    shown = run("inspect", "page.html", "--url", "https://asi.test/news")
    assert "a list of 7 items" in shown
    assert "accordwatch add https://asi.test/news" in shown


def test_inspect_reads_with_the_recipe_of_the_source(home: Path) -> None:
    run("init", "--yes")
    config = home / "config.toml"
    recipe = '\n[[sources]]\nurl = "https://asi.test/news"\nrecipe = { title = ".t" }\n'
    config.write_text(config.read_text() + recipe)
    (home / "page.html").write_text(PAGE.replace("</h1>", "</h1><p class=t>Another title of it</p>", 1))
    shown = run("inspect", "page.html", "--url", "https://asi.test/news/1")
    assert "Another title of it" in shown
    assert "source asi.test, by its recipe" in shown


def test_inspect_of_a_missing_file_is_one_line(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, word = fails(monkeypatch, capsys, "inspect", "nowhere.html")
    assert code == 1
    assert "nowhere.html: No such file" in word


def test_add_takes_an_association_from_the_catalogue_and_keeps_comments(home: Path) -> None:
    run("init", "--yes")
    before = (home / "config.toml").read_text()
    run("add", "DITTA", "--untried")
    after = (home / "config.toml").read_text()
    assert 'id = "ditta"' in after
    assert all(line in after for line in before.splitlines())


def test_remove_takes_it_out_again(home: Path) -> None:
    run("init", "--yes")
    before = (home / "config.toml").read_text()
    run("add", "DITTA", "--untried")
    run("remove", "ditta")
    assert (home / "config.toml").read_text() == before


def test_the_catalogue_claims_nothing_works(home: Path) -> None:
    entries = json.loads(run("sources", "--catalogue", "--json"))
    assert len(entries) > 30
    assert all(entry["evidence"] for entry in entries)


def test_the_version_is_printed(home: Path) -> None:
    assert run("--version").startswith("accordwatch ")


def test_formulas_in_csv_become_text(capsys: pytest.CaptureFixture[str]) -> None:
    print_csv([{"title": "=HYPERLINK('x')", "n": 1}])
    assert "'=HYPERLINK" in capsys.readouterr().out


def test_control_characters_of_pages_never_reach_a_terminal() -> None:
    assert "\x1b" not in plain("a\x1b[31mred\nline")


def test_the_overview_names_a_source_that_could_not_be_read(home: Path) -> None:
    run("init", "--yes", "--contact", "me@office.eu", "--recipient", "me@office.eu")
    (home / "config.toml").write_text(
        '[fetch]\ncontact = "me@office.eu"\nallow_addresses = ["127.0.0.0/8"]\nper_host_delay = "0s"\n'
        '[[sources]]\nid = "a"\nname = "Alpha"\nurl = "http://127.0.0.1:9/news"\n'
    )
    run("crawl", code=1)
    assert "trouble Alpha" in run()


@pytest.mark.parametrize("bind", ["nonsense", "127.0.0.1:99999", "127.0.0.1:"])
def test_an_address_nobody_can_listen_at_is_one_line(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], bind: str
) -> None:
    run("init", "--yes")
    code, word = fails(monkeypatch, capsys, "web", "--bind", bind)
    assert (code, word.count("\n")) == (2, 1)
    assert f'web.bind: "{bind}" is no address to listen at' in word


def test_init_asks_again_at_once_for_what_is_no_address(home: Path) -> None:
    typed = "me at office\nme@office.eu\n\n\n"
    result = CliRunner().invoke(app, ["init"], input=typed, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    assert '"me at office" is no mail address' in result.output
    assert (home / "config.toml").read_text().count('"me@office.eu"') == 3


def test_a_second_source_of_one_host_has_a_name_that_tells_and_lists_show_the_ids(home: Path) -> None:
    run("init", "--yes", "--contact", "a@desk.eu")
    run("add", "https://www.society.eu/", "--untried")
    run("add", "https://www.society.eu/about/partners", "--untried")
    assert {"society-eu", "society-eu-partners"} <= {row["id"] for row in json.loads(run("sources", "--json"))}
    table = run("status")
    assert "society.eu (society-eu)" in table
    assert "society.eu partners (society-eu-partners)" in table


def test_a_name_that_two_sources_have_is_answered_with_their_ids(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run("init", "--yes", "--contact", "a@desk.eu")
    for part in ("news", "partners"):
        run("add", f"https://www.society.eu/{part}", "--untried", "--name", "The Society")
    for command in ("crawl", "mute"):
        code, word = fails(monkeypatch, capsys, command, "The Society")
        assert code == 2
        assert "the-society, the-society-2" in word


def test_the_feed_that_a_source_is_read_by_is_no_second_source(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run("init", "--yes", "--contact", "a@desk.eu")
    config = load(None, environ={})
    store = Store(config.storage.url, config.storage.archive)
    with store.begin() as work:
        work.sync_sources(config.sources)
        work.add_targets((a_target("https://www.cocir.org/feed.xml", "feed"),))
    store.close()
    code, word = fails(monkeypatch, capsys, "add", "https://cocir.org/feed.xml", "--untried")
    assert code == 2
    assert "is watched already, as a feed of cocir" in word


def test_a_list_that_cannot_be_read_is_called_by_the_name_of_its_file(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run("init", "--yes")
    (home / "bad.opml").write_text("nothing of use")
    code, word = fails(monkeypatch, capsys, "import", "bad.opml")
    assert code == 2
    assert "bad.opml: is neither OPML nor CSV" in word
