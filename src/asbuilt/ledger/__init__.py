"""The ledger: every statement of a document that was understood, and how far it has been shown to be true."""

from asbuilt.ledger.claim import Claim, Kind, Standing
from asbuilt.ledger.ledger import Ledger, read

__all__ = ["Claim", "Kind", "Ledger", "Standing", "read"]
