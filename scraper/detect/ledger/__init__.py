"""The ledger's thought: is what a page tells a new event or a held one, and what does it add? Pure.

same.py says which tellings are of one act, merge.py what a telling adds to an entry, edit.py what an edited page takes
back, word.py how a person's word is laid over what pages say, ties.py what follows for relationships over time. Memory
is asked by `party_groups`; all answers are values that memory keeps.
"""

from scraper.detect.ledger.edit import amend
from scraper.detect.ledger.merge import announced_by, in_words, moves, parted, retold, united
from scraper.detect.ledger.same import keys_of, party_groups, party_keys, sides
from scraper.detect.ledger.ties import Tie, expiry, ties
from scraper.detect.ledger.word import as_said, said, word_line

__all__ = [
    "Tie", "amend", "announced_by", "as_said", "expiry", "in_words", "keys_of", "moves", "parted", "party_groups",
    "party_keys", "retold", "said", "sides", "ties", "united",
    "word_line",
]  # fmt: skip
