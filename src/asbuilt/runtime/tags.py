"""Strong ETags: what names a representation exactly (RFC 9110 section 8.8.3)."""

from hashlib import blake2b


def tag_of(body: bytes) -> str:
    """The tag of a body: the same bytes have the same tag, in every process."""
    return f'"{blake2b(body, digest_size=12).hexdigest()}"'


def has_already(if_none_match: str, tag: str) -> bool:
    """Whether `If-None-Match` names the tag; weak ones count too (section 13.1.2)."""
    return if_none_match.strip() == "*" or any(
        one.strip().removeprefix("W/") == tag for one in if_none_match.split(",")
    )


def is_expected(if_match: str, tag: str) -> bool:
    """Whether `If-Match` names the tag; weak ones never do (section 13.1.1)."""
    return if_match.strip() == "*" or any(one.strip() == tag for one in if_match.split(","))
