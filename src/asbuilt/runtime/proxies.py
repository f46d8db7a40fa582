"""The address a caller used, also behind proxies that are trusted to say so."""

from collections.abc import Callable
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from asbuilt.runtime.messages import Request


def base_urls(trusted: str | None) -> Callable[[Request], str]:
    """What gives `https://host` of a request. `trusted` lists addresses and networks of proxies, or `*`.

    Raises ValueError for what is neither.
    """
    words = (trusted or "").replace(",", " ").split()
    everybody = "*" in words
    networks = tuple(ip_network(word, strict=False) for word in words if word != "*")

    def base_url(request: Request) -> str:
        scheme, host = request.caller.scheme, request.headers.get("host") or request.caller.authority
        if everybody or (networks and _within(request.caller.client, networks)):
            scheme = _first(request.headers.get("x-forwarded-proto")) or scheme
            host = _first(request.headers.get("x-forwarded-host")) or host
        return f"{scheme}://{host or 'localhost'}"

    return base_url


def _first(value: str | None) -> str:
    """What the proxy nearest to the caller has said."""
    return value.partition(",")[0].strip() if value else ""


def _within(client: str, networks: tuple[IPv4Network | IPv6Network, ...]) -> bool:
    host = client.rpartition(":")[0] if client.count(":") == 1 or client.startswith("[") else client
    try:
        address = ip_address(host.strip("[]"))
    except ValueError:
        return False
    return any(address in network for network in networks if network.version == address.version)
