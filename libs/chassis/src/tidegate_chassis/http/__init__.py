"""The HTTP side of every service: probes, metrics, principals, and one form for every error."""

from tidegate_chassis.http.app import make_app
from tidegate_chassis.http.errors import ApiError, HttpError, ListenError
from tidegate_chassis.http.principal import Principal, principal_of
from tidegate_chassis.http.server import HttpServer

__all__ = [
    "ApiError",
    "HttpError",
    "HttpServer",
    "ListenError",
    "Principal",
    "make_app",
    "principal_of",
]
