"""Documents lead somewhere, and a decision record has a number of its own."""

import re
from pathlib import Path

LINK = re.compile(r"\]\((?!\w+:|#)([^)#\s]+)(?:#[^)\s]*)?\)")


def test_links_between_documents_lead_to_something(texts: dict[Path, str], root: Path) -> None:
    """A link to a file or folder of the repository names one that is there."""
    broken = [
        f"{path.relative_to(root)}: {link}"
        for path, text in texts.items()
        if path.suffix == ".md"
        for link in LINK.findall(text)
        if not (path.parent / link).exists()
    ]
    assert not broken, f"Nothing is at the end of these links: {broken}"


def test_decision_records_are_numbered_one_after_the_other(root: Path) -> None:
    """No two records share a number, none is missing, and each begins with its own."""
    records = sorted((root / "docs" / "adr").glob("[0-9]*.md"))
    titles = [record.read_text(encoding="utf-8").splitlines()[0] for record in records]
    wanted = [f"{number:04}" for number in range(1, len(records) + 1)]
    assert [record.name[:4] for record in records] == wanted
    assert [title.removeprefix("# ")[:4] for title in titles] == wanted


def test_the_index_of_documents_has_every_page(root: Path) -> None:
    """A page that no index names is found by nobody."""
    docs = root / "docs"
    linked = {docs / link for link in LINK.findall((docs / "README.md").read_text("utf-8"))}
    pages = {page for folder in ("guides", "reference") for page in (docs / folder).rglob("*.md")}
    unnamed = sorted(str(page.relative_to(docs)) for page in pages - linked)
    assert pages
    assert not unnamed, f"Name these in docs/README.md: {unnamed}"
