"""Lists that come page by page, read as a whole."""

from asbuilt.component import Component
from asbuilt.verify.call import Call, wire
from asbuilt.verify.client import Client
from asbuilt.verify.exchange import Exchange
from asbuilt.verify.resources import listing
from asbuilt.verify.world import successes

MOST_PAGES = 40


def pages(component: Component, client: Client, call: Call) -> tuple[Exchange, ...]:
    """The answer to a call; where it is a page of a list, and others follow, all of them."""
    exchanges = [client.send(call.request())]
    found = listing(component, call.operation) if call.operation.endpoint.method == "GET" else None
    while found and found.cursor and exchanges[-1].status in successes(call.operation) and len(exchanges) < MOST_PAGES:
        following = found.next(exchanges[-1].value())
        if following is None:
            break
        exchanges.append(client.send(call.with_query(found.cursor.name.text, wire(following)).request()))
    return tuple(exchanges)
