"""The generator's error tree.

::

    GeneratorError        a contract file says something that the generator cannot turn into code
"""


class GeneratorError(Exception):
    """A contract file says something that the generator cannot turn into code."""

    def __init__(self, where: str, expected: str, found: str) -> None:
        super().__init__(f"{where}: expected {expected}, found {found}")
