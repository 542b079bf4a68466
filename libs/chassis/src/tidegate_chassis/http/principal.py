"""Who sends a request. Every state change needs a principal, whatever its route says."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import Depends, Request

from tidegate_chassis.http.errors import ApiError
from tidegate_chassis.security.principals import Principals

_READING_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})


def principal_of(request: Request) -> str:
    """Return the name of the principal whose bearer token came with the request."""
    principals: Principals = request.app.state.principals
    header = request.headers.get("authorization")
    name = principals.name_of_header(header)
    if name is None:
        raise ApiError(
            401,
            "NO_PRINCIPAL",
            "the header 'Authorization: Bearer TOKEN' with the token of a known principal",
            "no such header" if header is None else "a token that nobody here has",
            "use a token from the secrets folder, such as operator.token",
        )
    return name


def require_principal_for_changes(request: Request) -> None:
    """Refuse a request that may change something and names nobody."""
    if request.method not in _READING_METHODS:
        principal_of(request)


Principal = Annotated[str, Depends(principal_of)]
"""The type of a route's parameter that receives the principal's name."""
