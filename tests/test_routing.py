"""Which route a path takes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asbuilt.runtime.routing import Routes
from asbuilt.sections.api import Literally, Route, Variable
from asbuilt.source import Span

NOWHERE = Span(0, 0)


def route(template: str) -> Route:
    """`/files/{name}.json` as segments."""
    segments: list[Literally | Variable] = []
    for part in template.strip("/").split("/") if template != "/" else []:
        prefix, brace, rest = part.partition("{")
        name, _, suffix = rest.partition("}")
        segments.append(Variable(name, NOWHERE, prefix, suffix) if brace else Literally(part, NOWHERE))
    return Route(tuple(segments), NOWHERE, trailing=template.endswith("/") and template != "/")


TEMPLATES = [
    "/",
    "/users",
    "/users/",
    "/users/me",
    "/users/{id}",
    "/users/{id}/posts",
    "/users/{id}/posts/{post}",
    "/users/me/likes",
    "/files/{name}",
    "/files/{name}.json",
    "/files/v{major}.{minor}",
    "/{slug}",
]
ROUTES = Routes([("GET", route(template), template) for template in TEMPLATES])


@pytest.mark.parametrize(
    ("path", "template", "values"),
    [
        ("/", "/", ()),
        ("/users", "/users", ()),
        ("/users/", "/users/", ()),
        ("/users/me", "/users/me", ()),
        ("/users/you", "/users/{id}", ("you",)),
        ("/users/me/posts", "/users/{id}/posts", ("me",)),
        ("/users/me/likes", "/users/me/likes", ()),
        ("/users/7/posts/8", "/users/{id}/posts/{post}", ("7", "8")),
        ("/files/a.json", "/files/{name}.json", ("a",)),
        ("/files/a.txt", "/files/{name}", ("a.txt",)),
        ("/files/.json", "/files/{name}", (".json",)),
        ("/x y", "/{slug}", ("x y",)),
    ],
)
def test_known_paths(path: str, template: str, values: tuple[str, ...]) -> None:
    found = ROUTES.find(path)
    assert found is not None
    assert (found.methods["GET"], found.values) == (template, values)


@pytest.mark.parametrize(
    "path", ["", "users", "//", "/users//posts", "/users/7/", "/users/7/likes", "/files/", "/a/b/c/d/e"]
)
def test_unknown_paths(path: str) -> None:
    assert ROUTES.find(path) is None


def test_the_first_of_two_equals_counts() -> None:
    routes = Routes([("GET", route("/a/{x}"), 1), ("GET", route("/a/{y}"), 2), ("POST", route("/a/{z}"), 3)])
    found = routes.find("/a/b")
    assert found is not None
    assert dict(found.methods) == {"GET": 1, "POST": 3}


@given(st.text())
def test_no_path_crashes(path: str) -> None:
    ROUTES.find(path)
    ROUTES.find("/" + path)
