"""Where a request came from, as far as it can be known: what its sender says of it is not believed."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from starlette.requests import Request

_NETWORK_BITS = 64
"""Of an IPv6 address: the rest is the visitor's own to choose."""


def origin_of(request: Request) -> str:
    """Give the address a request came from, of IPv6 the network; "" if it is not known.

    A proxy on this machine is believed: it puts the address it saw at the end of X-Forwarded-For. Of any other that
    passed something on, all visitors would be one; so theirs are not known. Nor is who comes through a tunnel.
    """
    peer = _address(request.client.host) if request.client is not None else None
    passed_on = request.headers.getlist("x-forwarded-for")
    if peer is None:
        return ""
    if peer.is_loopback:
        seen = _address(passed_on[-1].rpartition(",")[2].strip()) if passed_on else None
        return _named(seen)
    return "" if passed_on and peer.is_private else _named(peer)


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def _named(address: IPv4Address | IPv6Address | None) -> str:
    if isinstance(address, IPv6Address):
        return str(ip_network((int(address), _NETWORK_BITS), strict=False))
    return "" if address is None else str(address)
