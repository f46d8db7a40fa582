"""The ledger: every statement of a document that was understood, and how far it has been shown to be true."""

from asbuilt.ledger.claim import Claim, Kind, Standing
from asbuilt.ledger.doubt import doubted
from asbuilt.ledger.ledger import Ledger, read
from asbuilt.ledger.place import title_of
from asbuilt.ledger.understanding import Nature, Piece, not_understood, understand

__all__ = [
    "Claim",
    "Kind",
    "Ledger",
    "Nature",
    "Piece",
    "Standing",
    "doubted",
    "not_understood",
    "read",
    "title_of",
    "understand",
]
