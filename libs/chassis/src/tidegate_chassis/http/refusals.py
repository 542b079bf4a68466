"""Every error, of ours, of a route or of a validation, leaves in one form.

``{"error": {"code", "message", "expected", "found", "hint"}}``
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Final

import structlog
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from tidegate_chassis.configuration.wording import expected_in
from tidegate_chassis.http.errors import ApiError
from tidegate_chassis.security.redaction import is_secret_name, redacted_text
from tidegate_chassis.security.secrets import HIDDEN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastapi import FastAPI, Request

LOG = structlog.get_logger("http")
_FOUND_LENGTH_MAX: Final = 200


def install(app: FastAPI) -> None:
    """Have the application answer every error in the one form."""
    app.add_exception_handler(ApiError, _api_error)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http_exception)
    app.add_exception_handler(Exception, _unexpected)


def body(error: ApiError) -> dict[str, dict[str, str]]:
    """Return the one form of an error."""
    return {
        "error": {
            "code": error.code,
            "message": str(error),
            "expected": error.expected,
            "found": error.found,
            "hint": error.hint,
        }
    }


async def _api_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, ApiError)
    headers = {"www-authenticate": "Bearer"} if error.status == HTTPStatus.UNAUTHORIZED else None
    del request
    return JSONResponse(body(error), error.status, headers)


async def _invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    problems = error.errors()
    refused = ApiError(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "INVALID_REQUEST",
        "; ".join(f"{_place(problem)}: {expected_in(problem)}" for problem in problems),
        "; ".join(f"{_place(problem)} = {_found(problem)}" for problem in problems),
        "correct the fields named",
    )
    return await _api_error(request, refused)


async def _http_exception(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    status = HTTPStatus(error.status_code)
    refused = ApiError(
        status,
        status.name,
        "a request that this service answers",
        f"{request.method} {request.url.path}: {error.detail}",
        "see /docs for what there is",
    )
    response = await _api_error(request, refused)
    response.headers.update(error.headers or {})
    return response


async def _unexpected(request: Request, error: Exception) -> JSONResponse:
    LOG.error("request failed", method=request.method, path=request.url.path, exc_info=error)
    refused = ApiError(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "INTERNAL_ERROR",
        "the request to be handled",
        f"a programmer's error ({type(error).__name__})",
        "look into the service's log; whether the request took effect is not known",
    )
    return await _api_error(request, refused)


def _place(problem: Mapping[str, object]) -> str:
    place = problem["loc"]
    assert isinstance(place, tuple | list)
    parts = [str(part) for part in place]
    # Before the field's name stands where in the request it is: `body`, `query`, `path`.
    return ".".join(parts[1:] or parts)


def _found(problem: Mapping[str, object]) -> str:
    if is_secret_name(_place(problem)):
        return HIDDEN
    if problem["type"] == "missing":
        return "nothing"
    return redacted_text(repr(problem.get("input")))[:_FOUND_LENGTH_MAX]
