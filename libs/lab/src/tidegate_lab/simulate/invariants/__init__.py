"""What must hold, one file for each; the names are those of the reliability document.

* I01: `i01_one_verdict_covers_each_order`
* I02: `i02_one_signal_one_order`
* I03: `i03_no_limit_is_exceeded_at_the_venue`
* I04: `i04_nothing_is_sent_too_late`
* I05: `i05_missing_input_is_refused`
* I06: `i06_killed_means_killed`
* I07: `i07_kill_survives_restarts`
* I08: `i08_older_terms_do_not_count`
* I09: `i09_silence_shuts_the_gate`
* I10: `i10_debits_equal_credits`
* I11: `i11_portfolio_equals_venue`
* I12: `i12_each_fill_once`
* I13: `i13_replay_gives_the_same`
* I14: `i14_channels_have_no_gap`
* I15: `i15_nothing_acknowledged_is_missing`
* I16: `i16_matching_creates_nothing`
* I17: `i17_everything_is_read_once_and_in_order`
* I18: `i18_the_quiet_settles`
* `approvals`: slices and replacements are together never more than what was approved, a part of I01
* `legs`: each leg's fills make whole structures, or the account is halted, a part of I12 and I16
* `cover`: what was sold is bought back before its cover is sold, a part of I06
* `together`: entries that are sent with their exits, a part of I02
* `scopes`: which orders a gate's scope covers, read independently of the kernel
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from tidegate_lab.simulate.invariants import (
    i01_one_verdict_covers_each_order,
    i02_one_signal_one_order,
    i03_no_limit_is_exceeded_at_the_venue,
    i04_nothing_is_sent_too_late,
    i05_missing_input_is_refused,
    i06_killed_means_killed,
    i07_kill_survives_restarts,
    i08_older_terms_do_not_count,
    i09_silence_shuts_the_gate,
    i10_debits_equal_credits,
    i11_portfolio_equals_venue,
    i12_each_fill_once,
    i13_replay_gives_the_same,
    i14_channels_have_no_gap,
    i15_nothing_acknowledged_is_missing,
    i16_matching_creates_nothing,
    i17_everything_is_read_once_and_in_order,
    i18_the_quiet_settles,
)

if TYPE_CHECKING:
    from tidegate_lab.simulate.evidence import Evidence

Checker = Callable[["Evidence"], list[str]]

CHECKERS: dict[str, Checker] = {
    "I01": i01_one_verdict_covers_each_order.check,
    "I02": i02_one_signal_one_order.check,
    "I03": i03_no_limit_is_exceeded_at_the_venue.check,
    "I04": i04_nothing_is_sent_too_late.check,
    "I05": i05_missing_input_is_refused.check,
    "I06": i06_killed_means_killed.check,
    "I07": i07_kill_survives_restarts.check,
    "I08": i08_older_terms_do_not_count.check,
    "I09": i09_silence_shuts_the_gate.check,
    "I10": i10_debits_equal_credits.check,
    "I11": i11_portfolio_equals_venue.check,
    "I12": i12_each_fill_once.check,
    "I13": i13_replay_gives_the_same.check,
    "I14": i14_channels_have_no_gap.check,
    "I15": i15_nothing_acknowledged_is_missing.check,
    "I16": i16_matching_creates_nothing.check,
    "I17": i17_everything_is_read_once_and_in_order.check,
    "I18": i18_the_quiet_settles.check,
}
"""Every checker by the name of its invariant."""
