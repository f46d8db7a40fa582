"""The words that announce what follows: "Request body:", "**Response `201`**", "Errors:"."""

import re
from typing import Literal

from asbuilt.document import Text
from asbuilt.sections.api.notation.phrases import Mention, mention, statuses

Mode = Literal["", "request", "response", "errors", "query", "path", "header", "other"]

_KINDS = r"(?: (?:body|json|payload|schema|dto|example))*"
_WORDS: tuple[tuple[Mode, str], ...] = (
    ("query", r"(?:optional )?query(?: string)?(?: param\w*)?|(?:request )?param\w*|filters"),
    ("path", r"path (?:param\w*|variables?)|url param\w*"),
    ("header", r"(?:request |required )?headers?"),
    ("errors", r"(?:possible |common )?errors?(?: (?:codes?|responses?|cases))?|failures?|erros"),
    ("request", rf"(?:example |sample )?(?:request|input|payload|body|requisição){_KINDS}"),
    ("response", rf"(?:example |sample |success(?:ful)? )?(?:responses?|returns?|output|resposta){_KINDS}|success"),
    (
        "other",
        r"rules|notes?|behaviou?r|logic|validation|side effects|regras|process|flow|description|auth\w*",
    ),
)
_LABELS: tuple[tuple[Mode, re.Pattern[str]], ...] = tuple(
    (mode, re.compile(rf"[\s*_`#\d.)]*(?:{words})\b[^:]{{0,60}}?(?:$|:|`|\(|[1-5]\d\d|[-–—])", re.IGNORECASE))
    for mode, words in _WORDS
)
_NUMBERED = re.compile(r"\s*(?:\d{1,3}(?:\.\d{1,3})*[.)]?\s+)?(?:(?:endpoint|route|url|method)\s*:\s*)?", re.IGNORECASE)


def mode_of(text: Text) -> Mode | None:
    """What a label announces; None where a text is no label."""
    plain = text.plain.strip()
    return next((mode for mode, pattern in _LABELS if pattern.match(plain)), None)


def status_of(text: Text) -> int | None:
    """The HTTP status that a label names: "Response `201`"."""
    return next(iter(statuses(text.plain)), None)


def unlabelled(text: Text) -> Text:
    """The text without a bold label such as `**Endpoint**:`, or a number, in front of it."""
    label = text.label
    if label and mention(text) is None:
        return label.rest
    number = _NUMBERED.match(text.text)
    return text.part(number.end(), len(text.text)) if number and number.end() else text


def is_all(line: Text, told: Mention) -> bool:
    """Whether a line is a mention and at most a remark, not a sentence that begins with one."""
    rest = unlabelled(line).text[told.end :].strip()
    return not rest or rest[:1] in ":-–—→(=" or rest.startswith(("HTTP/", "`", "**"))


def behind_label(text: Text) -> Text:
    """What follows a label: behind its colon, or nothing."""
    if label := text.label:
        return label.rest
    at = text.text.find(":")
    return text.part(at + 1 if at >= 0 else len(text.text), len(text.text))
