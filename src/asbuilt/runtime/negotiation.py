"""Whether what an operation answers is what the caller can read (`Accept`, RFC 9110 section 12.5.1)."""

from functools import lru_cache


@lru_cache(4096)
def acceptable(accept: str, offered: tuple[str, ...]) -> bool:
    """Whether one of the media types is acceptable. What can't be read refuses nothing."""
    ranges = [found for part in accept.split(",") if (found := _range(part))]
    return not ranges or any(_quality(media, ranges) > 0 for media in offered)


def _range(text: str) -> tuple[str, str, float] | None:
    essence, *parameters = (part.strip().lower() for part in text.split(";"))
    kind, slash, subtype = essence.partition("/")
    if not slash or not kind or not subtype:
        return ("*", "*", 1.0) if essence == "*" else None
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return kind, subtype, float(value)
            except ValueError:
                return kind, subtype, 1.0
    return kind, subtype, 1.0


def _quality(media: str, ranges: list[tuple[str, str, float]]) -> float:
    """The quality of the most specific range that holds the media type."""
    kind, _, subtype = media.partition("/")
    best, quality = -1, 0.0
    for range_kind, range_subtype, q in ranges:
        if range_kind not in ("*", kind) or range_subtype not in ("*", subtype):
            continue
        specific = (range_kind != "*") + (range_subtype != "*")
        if specific > best:
            best, quality = specific, q
    return quality
