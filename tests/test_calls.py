"""How the names in statements find their values, and what is there at all."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asbuilt.language.types import ABSENT
from asbuilt.runtime.calls import BODY, Call, getter, presence
from asbuilt.runtime.cursors import cursors_of
from asbuilt.runtime.faults import Wrong
from asbuilt.runtime.messages import Request
from asbuilt.runtime.negotiation import acceptable
from asbuilt.runtime.proxies import base_urls


class Body:
    note = None
    title = ABSENT

    class project:  # noqa: N801 - a member of a member
        id = 7


class Caller:
    scheme, authority = "http", None

    def __init__(self, client: str = "10.0.0.1:5000") -> None:
        self.client = client


async def no_body(_limit: int) -> bytes:
    return b""


def a_call(**values: object) -> Call:
    request = Request("GET", "/p", "", {"host": "h"}, no_body, Caller())
    return Call(request, "id-1", values, {}, b"", base_urls(None))


@pytest.mark.parametrize(
    ("name", "value", "present"),
    [
        ("id", 1, True),
        ("customerId", 2, True),
        ("missing", None, False),
        ("nothing", None, True),
        ("body.note", None, True),
        ("body.title", None, False),
        ("body.project.id", 7, True),
        ("body.project.name", None, False),
        ("after.created_at", "2026", True),
        ("after.other", None, False),
        ("note", None, True),
        ("title", None, False),
    ],
)
def test_names_find_their_values(name: str, value: object, present: bool) -> None:
    members = frozenset({"note", "title", "project"})
    call = a_call(id=1, customer_id=2, nothing=None, after={"created_at": "2026"}, **{BODY: Body()})
    assert getter(name, members)(call) == value
    assert presence(name, members)(call) is present


def test_a_body_that_was_left_out_has_no_members() -> None:
    call = a_call(**{BODY: ABSENT})
    assert getter("body.note")(call) is None
    assert not presence("body.note")(call)


def test_the_request_itself_has_names() -> None:
    assert getter("request.base_url")(a_call()) == "http://h"
    assert getter("request.url")(a_call()) == "http://h/p"


CURSORS = cursors_of("secret", "list", ("created_at", "id"))


@given(st.lists(st.text() | st.none(), min_size=2, max_size=2))
def test_a_cursor_gives_back_what_was_sealed(values: list[str | None]) -> None:
    sealed = CURSORS.sealed(json.dumps(values))
    assert CURSORS.opened(sealed) == dict(zip(("created_at", "id"), values, strict=True))
    for other in (cursors_of("other", "list", CURSORS.columns), cursors_of("secret", "others", CURSORS.columns)):
        with pytest.raises(Wrong):
            other.opened(sealed)


@given(st.text())
def test_no_text_is_taken_for_a_cursor(text: str) -> None:
    with pytest.raises(Wrong):
        CURSORS.opened(text)


@pytest.mark.parametrize(
    ("trusted", "client", "expected"),
    [
        (None, "10.0.0.1:1", "http://h"),
        ("10.0.0.0/8", "10.0.0.1:1", "https://shop.example"),
        ("10.0.0.0/8", "[::ffff:1]:1", "http://h"),
        ("::1, 10.0.0.1", "[::1]:80", "https://shop.example"),
        ("*", "anything", "https://shop.example"),
        ("10.0.0.0/8", "", "http://h"),
    ],
)
def test_only_trusted_proxies_are_believed(trusted: str | None, client: str, expected: str) -> None:
    headers = {"host": "h", "x-forwarded-proto": "https, http", "x-forwarded-host": "shop.example"}
    assert base_urls(trusted)(Request("GET", "/", "", headers, no_body, Caller(client))) == expected


@given(st.text())
def test_no_accept_header_crashes(text: str) -> None:
    acceptable(text, ("application/json",))


@pytest.mark.parametrize(
    ("accept", "fits"),
    [
        ("", True),
        ("*/*", True),
        ("application/json", True),
        ("APPLICATION/JSON", True),
        ("text/html;q=0.9, application/*;q=0.1", True),
        ("text/html", False),
        ("*/*;q=0", False),
        ("application/json;q=0, */*", False),
        ("*/*;q=0, application/json", True),
    ],
)
def test_what_is_acceptable(accept: str, fits: bool) -> None:
    assert acceptable(accept, ("application/json",)) is fits
