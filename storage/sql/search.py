"""The full text of all versions: SQLite's FTS5 or PostgreSQL's tsvector over the words that `terms` finds.

Both databases are given ready words, so that the same question finds the same texts. The index holds no text: what it
finds is read from the versions. `texts` numbers the versions it knows, `fulltext` is the index itself; both can be
filled anew from the versions at any time, and a backup leaves them out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate, islice

from sqlalchemy import (
    ARRAY,
    REAL,
    ColumnClause,
    ColumnElement,
    Connection,
    Select,
    Text,
    and_,
    bindparam,
    cast,
    column,
    func,
    insert,
    literal,
    literal_column,
    select,
    table,
)
from sqlalchemy.dialects.postgresql import TSQUERY, TSVECTOR

from storage.records.article import Article
from storage.records.hit import Hit, Hits
from storage.records.source import ItemId
from storage.sql import rows
from storage.sql.tables import items, texts, versions
from storage.sql.terms import MOST_WORDS, Question, Term, marked, parts, snippet, tokens

WEIGHTS = (1.0, 0.12, 0.04)  # of a word in the title, in the body, in what organisations say of themselves
LETTERS = ("A", "B", "C")  # PostgreSQL's names of these weights
MOST_RANKED = 2_000  # newest versions that answer: they are ranked, older ones wait for a narrower question
LAST_POSITION = 16_383  # PostgreSQL documentation, "Limitations" of text search
MOST_POSITIONS = 255
BY_LENGTH = 1  # ts_rank_cd: a word among few says more than one among many
MOST_BYTES = 1_000_000  # of a tsvector, just under its limit of a megabyte
BATCH = 200
FEW = 10_000  # texts that are looked up before the index is walked
_NUMBER = insert(texts).returning(texts.c.id)

SQLITE = "CREATE VIRTUAL TABLE fulltext USING fts5(title, body, about, content='', tokenize='ascii')"
POSTGRESQL = (
    "CREATE TABLE fulltext (id bigint PRIMARY KEY, words tsvector NOT NULL)",
    "CREATE INDEX ix_fulltext_words ON fulltext USING gin (words) WITH (fastupdate = off)",
)
fulltext = table("fulltext", column("id"), column("words"))


def create(connection: Connection) -> None:
    """The index itself, which no two databases build alike."""
    for statement in (SQLITE,) if _is_sqlite(connection) else POSTGRESQL:
        connection.exec_driver_sql(statement)


def enter(connection: Connection, entries: Sequence[tuple[ItemId, int, Article]]) -> None:
    """Take versions (item, number, article) into the index."""
    keys = [connection.execute(_NUMBER, {"item": item, "version": at}).scalar_one() for item, at, _ in entries]
    _write(connection, [(key, article) for key, (_, _, article) in zip(keys, entries, strict=True)])


def replace(connection: Connection, item: ItemId, version: int, old: Article, new: Article) -> None:
    """Another reading of a version that is in the index."""
    if parts(old) == parts(new):
        return
    known = select(texts.c.id).where(texts.c.item == item, texts.c.version == version)
    key = connection.execute(known).scalar_one()
    if _is_sqlite(connection):
        values = (key, *map(_joined, parts(old)))
        forget = "INSERT INTO fulltext (fulltext, rowid, title, body, about) VALUES ('delete', ?, ?, ?, ?)"
        connection.exec_driver_sql(forget, values)
    else:
        connection.execute(fulltext.delete().where(fulltext.c.id == key))
    _write(connection, [(key, new)])


def catch_up(connection: Connection) -> int:
    """Take in all versions that the index does not know; how many."""
    unknown = versions.outerjoin(texts, and_(texts.c.item == versions.c.item, texts.c.version == versions.c.version))
    keys = select(versions.c.item, versions.c.version).select_from(unknown).where(texts.c.id.is_(None))
    missing = connection.execute(keys.order_by(versions.c.seen, versions.c.item)).all()
    one = select(versions.c.article).where(versions.c.item == bindparam("i"), versions.c.version == bindparam("v"))
    left = iter(missing)
    while batch := list(islice(left, BATCH)):
        packed = ((i, v, connection.execute(one, {"i": i, "v": v}).scalar_one()) for i, v in batch)
        enter(connection, [(ItemId(i), v, rows.article_of(article)) for i, v, article in packed])
    return len(missing)


def find(
    connection: Connection, asked: Question, among: Sequence[ColumnElement[bool]] = (), *, offset: int = 0,
    limit: int = 20,
) -> Hits:  # fmt: skip
    """What answers, best first, among the items of which all of `among` is true; one hit an item."""
    if not asked.groups:
        return Hits()
    index = _on_sqlite(asked) if _is_sqlite(connection) else _on_postgresql(asked)
    joined = index.join(texts, texts.c.id == index.selected_columns[0]).join(items, items.c.id == texts.c.item)
    among = _few(connection, among) or among
    statement = joined.add_columns(texts.c.item, texts.c.version).where(*among).limit(MOST_RANKED)
    found = connection.execute(statement.order_by(index.selected_columns[0].desc())).all()
    best: dict[int, tuple[float, int]] = {}  # newest versions come first: of two that answer the newer one is shown
    for _, rank, item, version in found:
        known = best.get(item, (rank, version))
        best[item] = min(rank, known[0]), known[1]
    ranked = sorted(best, key=lambda item: (best[item][0], -item))
    page = [(item, best[item][1]) for item in ranked[offset : offset + limit]]
    return Hits(hits=tuple(_hits(connection, page, asked)), count=len(best), more=len(found) == MOST_RANKED)


def _few(connection: Connection, among: Sequence[ColumnElement[bool]]) -> Sequence[ColumnElement[bool]]:
    """The same as a set of numbers, where SQLite has so few texts of such items: to look each answer up in it takes a
    third of the time that its item takes, and of a common word there are many answers. The + keeps it a look-up."""
    if not among or not _is_sqlite(connection):
        return ()
    wanted = select(texts.c.id).join(items, items.c.id == texts.c.item).where(*among)
    many = connection.execute(wanted.offset(FEW).limit(1)).first()
    return () if many else (literal_column("+fulltext.rowid").in_(wanted),)


def _hits(connection: Connection, page: list[tuple[int, int]], asked: Question) -> Iterator[Hit]:
    """The items and what they say in these versions, in this order; asked one by one, each by its key."""
    told = select(items, versions.c.article).join(versions, versions.c.item == items.c.id)
    for key, version in page:
        where = (versions.c.item == key, versions.c.version == version)
        row = connection.execute(told.where(*where)).mappings().one()
        item, article = rows.item_of(row), rows.article_of(row["article"])
        yield Hit(
            item=item, version=version, current=version == item.versions,
            title=marked(article.title or item.title, asked), snippet=snippet(article, asked),
        )  # fmt: skip


# --- SQLite ----------------------------------------------------------------------------------------------------------


def _on_sqlite(asked: Question) -> Select[int, float]:
    """Of each text that answers its number and rank; SQLite walks them by number, and stops at a limit."""
    index = table("fulltext", column("rowid"))
    key: ColumnClause[str] = column("fulltext")
    rank = func.bm25(key, *WEIGHTS).label("rank")
    return select(index.c.rowid, rank).where(key.op("MATCH")(literal(_fts5(asked), Text)))


def _fts5(asked: Question) -> str:
    """The question in FTS5's syntax. Words hold letters and digits alone, so that quotes are never theirs."""

    def one(term: Term) -> str:
        return f'"{" ".join(term.tokens)}"{"*" * term.prefix}'

    wanted = " AND ".join(f"({' OR '.join(map(one, group))})" for group in asked.groups)
    return f"({wanted}) NOT ({' OR '.join(map(one, asked.without))})" if asked.without else wanted


# --- PostgreSQL ------------------------------------------------------------------------------------------------------


def _on_postgresql(asked: Question) -> Select[int, float]:
    wanted = cast(_tsquery(asked), TSQUERY)
    about, body, title = WEIGHTS[::-1]
    rank = func.ts_rank_cd(cast([0.0, about, body, title], ARRAY(REAL)), fulltext.c.words, wanted, BY_LENGTH)
    return select(fulltext.c.id, (-rank).label("rank")).where(fulltext.c.words.op("@@")(wanted))


def _tsquery(asked: Question) -> str:
    """The question in the syntax of tsquery, its words taken as they are."""

    def one(term: Term) -> str:
        return f"({' <-> '.join(map(repr, term.tokens))}{':*' * term.prefix})"

    wanted = [f"({' | '.join(map(one, group))})" for group in asked.groups]
    return " & ".join([*wanted, *(f"!{one(term)}" for term in asked.without)])


def _tsvector(article: Article) -> str:
    """A version as PostgreSQL writes a tsvector: each word with its places, the title's first."""
    places: dict[str, list[str]] = {}
    at = 0
    for letter, part in zip(LETTERS, parts(article), strict=True):
        for token in islice(tokens(part), MOST_WORDS):
            at += 1
            places.setdefault(token, []).append(f"{min(at, LAST_POSITION)}{letter}")
        at += 1  # no phrase goes on from the title into the body
    sizes = accumulate(len(token.encode()) + 8 + 2 * len(where) for token, where in places.items())
    fitting = (pair for pair, size in zip(places.items(), sizes, strict=True) if size < MOST_BYTES)
    return " ".join(f"'{token}':{','.join(where[:MOST_POSITIONS])}" for token, where in fitting)


def _is_sqlite(connection: Connection) -> bool:
    return connection.dialect.name == "sqlite"


def _joined(part: str) -> str:
    return " ".join(islice(tokens(part), MOST_WORDS))


def _write(connection: Connection, numbered: Sequence[tuple[int, Article]]) -> None:
    for key, article in numbered:
        if _is_sqlite(connection):
            new = "INSERT INTO fulltext (rowid, title, body, about) VALUES (?, ?, ?, ?)"
            connection.exec_driver_sql(new, (key, *map(_joined, parts(article))))
        else:
            connection.execute(insert(fulltext).values(id=key, words=cast(_tsvector(article), TSVECTOR)))
