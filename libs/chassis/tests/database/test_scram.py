"""The verifier, against the example of RFC 7677."""

from __future__ import annotations

from base64 import b64decode

import pytest

from tidegate_chassis.database.scram import scram_verifier


def test_the_verifier_proves_the_clients_message_of_the_rfc() -> None:
    """RFC 7677 section 3: user "user", password "pencil", salt W22ZaJ0SNY7soEsUEjb6gQ==."""
    verifier = scram_verifier("pencil", b64decode("W22ZaJ0SNY7soEsUEjb6gQ=="))
    assert verifier == (
        "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$"
        "WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU="
    )


def test_two_verifiers_of_a_password_differ() -> None:
    """The salt is random."""
    assert scram_verifier("pencil") != scram_verifier("pencil")


def test_a_password_that_needs_normalisation_is_refused() -> None:
    """Only ASCII is the same for every client."""
    with pytest.raises(ValueError, match="ASCII"):
        scram_verifier("påssword")
