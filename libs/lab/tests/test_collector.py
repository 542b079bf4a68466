"""Garbage collection while a session is played."""

from __future__ import annotations

import gc

import pytest

from tidegate_lab.host.collector import THRESHOLDS, collecting_seldom


def test_the_collector_is_afterwards_as_it_was_before() -> None:
    """Also when what was played has failed: nothing stays frozen, and the thresholds are back."""
    before = gc.get_threshold(), gc.get_freeze_count()

    def fail() -> None:
        with collecting_seldom():
            assert gc.get_threshold() == THRESHOLDS
            assert gc.get_freeze_count() > 0
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert (gc.get_threshold(), gc.get_freeze_count()) == before


def test_who_has_frozen_objects_keeps_them_frozen() -> None:
    """A service leaves alone what its start has made; a session that it plays changes nothing."""
    before = gc.get_threshold()
    with collecting_seldom():
        frozen = gc.get_freeze_count()
        with collecting_seldom():
            assert gc.get_freeze_count() == frozen
        assert gc.get_freeze_count() == frozen
    assert gc.get_threshold() == before
