"""Two small mapping functions a noun: record to row, row to record. Documents are JSON, articles zstd-packed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from pydantic import TypeAdapter
from pydantic_core import PydanticSerializationError
from sqlalchemy import RowMapping

from storage.compress import zstd
from storage.records.alert import Alert, AlertId, Delivery, DeliveryState, Message
from storage.records.article import Article, DateFact
from storage.records.change import Change, ChangeKind
from storage.records.observation import Capture, Fingerprint, Item, ItemState, Observation
from storage.records.partnership import (
    HistoryNote,
    Partnership,
    PartnershipEvent,
    PartnershipId,
    RelatedEvent,
    Witness,
    Word,
    WordId,
)  # fmt: skip
from storage.records.source import Host, ItemId, SourceId, Target, TargetKind

_ARTICLE = TypeAdapter(Article)
_DATE = TypeAdapter(DateFact)
_EVENT = TypeAdapter(PartnershipEvent)
_HISTORY = TypeAdapter(tuple[HistoryNote, ...])
_RELATED = TypeAdapter(RelatedEvent)
_WORD = TypeAdapter(Word)


def _document(adapter: TypeAdapter[Any], value: object, *, exclude_defaults: bool = False) -> str:
    """A value as JSON text, whatever letters a page has put into it."""
    try:
        return adapter.dump_json(value, exclude_defaults=exclude_defaults).decode()
    except PydanticSerializationError:  # lone surrogates: "\\ud83d" in a page's own JSON is enough
        plain = adapter.dump_python(value, exclude_defaults=exclude_defaults)
        text = json.dumps(plain, ensure_ascii=False, default=lambda moment: moment.isoformat())
        return text.encode("utf-8", "replace").decode()


def words_row(words: tuple[str, ...]) -> str:
    return json.dumps(words, ensure_ascii=False)


def words_of(text: str) -> tuple[str, ...]:
    return tuple(json.loads(text)) if text else ()


def date_row(date: DateFact | None) -> str | None:
    return None if date is None else _document(_DATE, date)


def date_of(text: str | None) -> DateFact | None:
    return None if text is None else _DATE.validate_json(text)


def article_row(article: Article) -> bytes:
    return zstd.compress(_document(_ARTICLE, article, exclude_defaults=True).encode(), 3)


def article_of(packed: bytes) -> Article:
    return _ARTICLE.validate_json(zstd.decompress(packed))


def target_row(target: Target, authority: str) -> dict[str, Any]:
    row = {name: getattr(target, name) for name in Target.__dataclass_fields__ if name != "id"}
    return {**row, "kind": target.kind.value, "published": date_row(target.published), "authority": authority,
            "identity": target.identity or target.url}  # fmt: skip


def target_of(row: RowMapping) -> Target:
    values = {name: row[name] for name in Target.__dataclass_fields__}
    return Target(**{**values, "kind": TargetKind(row["kind"]), "published": date_of(row["published"])})


def host_row(host: Host) -> dict[str, Any]:
    return {name: getattr(host, name) for name in Host.__dataclass_fields__}


def host_of(row: RowMapping) -> Host:
    return Host(**{name: row[name] for name in Host.__dataclass_fields__})


def item_of(row: RowMapping) -> Item:
    return Item(
        id=ItemId(row["id"]), source=SourceId(row["source"]), url=row["url"], title=row["title"],
        state=ItemState(row["state"]), first_seen=row["first_seen"], last_seen=row["last_seen"],
        versions=row["versions"], published=row["published"], story=row["story"],
    )  # fmt: skip


def capture_row(capture: Capture) -> dict[str, Any]:
    return {**{name: getattr(capture, name) for name in Capture.__dataclass_fields__},
            "sent": json.dumps(capture.sent), "headers": json.dumps(capture.headers)}  # fmt: skip


def capture_of(row: RowMapping) -> Capture:
    values = {name: row[name] for name in Capture.__dataclass_fields__}
    pairs = {name: tuple((str(k), str(v)) for k, v in json.loads(row[name])) for name in ("sent", "headers")}
    return Capture(**{**values, **pairs})


def observation_row(observation: Observation) -> dict[str, Any]:
    mark = observation.fingerprint
    return {
        "version": observation.version, "seen": observation.seen, "content": mark.content, "text_hash": mark.text,
        "words": mark.words, "raw": observation.raw, "extractor": observation.extractor,
        "article": article_row(observation.article),
    }  # fmt: skip


def observation_of(row: RowMapping) -> Observation:
    return Observation(
        item=ItemId(row["item"]), version=row["version"], seen=row["seen"], article=article_of(row["article"]),
        fingerprint=Fingerprint(content=row["content"], text=row["text_hash"], words=row["words"]), raw=row["raw"],
        extractor=row["extractor"],
    )  # fmt: skip


def change_row(change: Change) -> dict[str, Any]:
    row = {name: getattr(change, name) for name in Change.__dataclass_fields__ if name not in ("id", "item")}
    return {**row, "kind": change.kind.value, "because": words_row(change.because)}


def change_of(row: Mapping[Any, Any]) -> Change:
    values = {name: row[name] for name in Change.__dataclass_fields__}
    return Change(**{**values, "kind": ChangeKind(row["kind"]), "because": words_of(row["because"])})


def event_row(event: PartnershipEvent) -> str:
    return _document(_EVENT, event)


def history_row(history: tuple[HistoryNote, ...]) -> str:
    return _document(_HISTORY, history)


def related_row(event: RelatedEvent) -> str:
    return _document(_RELATED, event)


def related_of(text: str) -> RelatedEvent:
    return _RELATED.validate_json(text)


def partnership_of(row: RowMapping, witnesses: tuple[Witness, ...], words: tuple[Word, ...] = ()) -> Partnership:
    return Partnership(
        id=PartnershipId(row["id"]), event=_EVENT.validate_json(row["event"]), status=row["status"],
        first_seen=row["first_seen"], witnesses=witnesses, history=_HISTORY.validate_json(row["history"] or "[]"),
        words=words, merged_into=row["merged_into"],
    )  # fmt: skip


def witness_of(row: RowMapping) -> Witness:
    return Witness(
        item=row["item"], source=SourceId(row["source"]), url=row["url"], first_seen=row["first_seen"],
        told=_EVENT.validate_json(row["told"]) if row["told"] else None,
    )  # fmt: skip


def word_row(word: Word) -> str:
    return _document(_WORD, word, exclude_defaults=True)


def word_of(row: RowMapping) -> Word:
    return replace(_WORD.validate_json(row["word"]), id=WordId(row["id"]))


def alert_row(alert: Alert) -> dict[str, Any]:
    row = asdict(alert)
    del row["id"]
    row["recipient"] = row.pop("to")
    words = {"because": words_row(alert.because), "said": words_row(alert.said)}
    return {**row, **words, "state": DeliveryState.WAITING.value}


def alert_of(row: RowMapping) -> Alert:
    values = {name: row["recipient" if name == "to" else name] for name in Alert.__dataclass_fields__}
    return Alert(
        **{**values, "id": AlertId(row["id"]), "because": words_of(row["because"]), "said": words_of(row["said"])}
    )


def message_row(message: Message) -> bytes:
    values = {**asdict(message), "raw": message.raw.decode("latin-1")}
    return zstd.compress(json.dumps(values, ensure_ascii=False).encode("utf-8", "replace"), 3)


def message_of(packed: bytes) -> Message:
    values = json.loads(zstd.decompress(packed))
    return Message(**{**values, "raw": values["raw"].encode("latin-1")})


def delivery_of(row: RowMapping) -> Delivery:
    return Delivery(
        alert=alert_of(row), state=DeliveryState(row["state"]), attempts=row["attempts"], message_id=row["message_id"],
        message=message_of(row["message"]) if row["message"] else None, last_error=row["last_error"],
        sent_at=row["sent_at"],
    )  # fmt: skip
