"""One setting: a key and what it is set to."""

from asbuilt.document.text import Text
from asbuilt.source import Span
from asbuilt.values import frozen


@frozen
class Setting:
    """One key with its value, or with the settings nested under it. An entry of a list has an empty name and key.

    `name` is the key without regard to case, spaces, hyphens and underscores; `note` is what stands in parentheses
    after a bold key.
    """

    name: str
    key: Text
    value: Text
    children: tuple["Setting", ...] = ()
    note: Text | None = None

    @property
    def span(self) -> Span:
        end = self.children[-1].span if self.children else self.value.span
        return self.key.span.to(end)


def setting_name(key: str) -> str:
    """A key as it is compared: `Base URL`, `base-url`, `BASE_URL` and `baseUrl` are one."""
    return "".join(char for char in key.casefold() if char.isalnum())
