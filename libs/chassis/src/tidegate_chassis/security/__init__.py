"""Who may do what, and how it is proven: principals, tokens, signatures and secrets."""

from tidegate_chassis.security.keys import KeySettings, load_signer, load_verifier
from tidegate_chassis.security.principals import Principals, ensure_token
from tidegate_chassis.security.secrets import Secret
from tidegate_chassis.security.signing import Signer, Verifier, ensure_key_pair

__all__ = [
    "KeySettings",
    "Principals",
    "Secret",
    "Signer",
    "Verifier",
    "ensure_key_pair",
    "ensure_token",
    "load_signer",
    "load_verifier",
]
