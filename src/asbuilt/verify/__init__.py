"""Proof, claim by claim, that a running implementation keeps a document. Black box: `runtime` is never imported."""
