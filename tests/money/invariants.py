"""The 34 invariants of domain part 7 and the tests that hold each of them.

A test is named `path::function` below tests/. An empty tuple is an invariant that nothing holds
yet: tests/money/test_invariants.py counts those and fails when the number grows.
"""

from __future__ import annotations

INVARIANTS: dict[int, tuple[str, tuple[str, ...]]] = {
    1: ("installments sum to the premium, each within a cent of its share", (
        "money/test_plans.py::test_installments_sum_to_the_premium_and_stay_within_a_cent",
    )),
    2: ("allocations and unapplied are the payment", (
        "money/test_properties.py::test_allocations_and_suspense_are_the_receipt",
        "demo/test_billing.py::test_it_allocates_payments_whole",
    )),
    3: ("legs sum to their allocation", (
        "money/test_properties.py::test_legs_sum_to_the_receipt",
        "demo/test_billing.py::test_its_legs_make_their_allocation",
    )),
    4: ("legs depend on the net total, not on the order", (
        "money/test_properties.py::test_legs_depend_on_the_total_and_not_on_the_order",
        "demo/test_billing.py::test_its_legs_depend_on_the_net_total_only",
    )),
    5: ("a payment and its full reversal leave every account unchanged", (
        "money/test_properties.py::test_a_payment_and_its_reversal_leave_nothing",
    )),
    6: ("debits are credits per ledger", (
        "demo/test_accounting.py::test_its_journal_and_its_transfers_agree_by_type",
    )),
    7: ("trust cash is all credit balances less claims paid", (
        "demo/test_accounting.py::test_its_journal_and_its_transfers_agree_by_type",
    )),
    8: ("trust cash, reserves, the unearned fund and suspense are never negative", (
        "demo/test_accounting.py::test_its_limits_hold_after_every_chain",
    )),
    9: ("no transfer joins two organisations", ()),
    10: ("no transfer is zero or negative, receipts of one cent included", (
        "demo/test_accounting.py::test_its_limits_hold_after_every_chain",
    )),
    11: ("nothing is earned at first, all at last, monotone between", (
        "money/test_properties.py::test_a_stream_earns_nothing_at_first_and_all_at_last",
        "money/test_properties.py"
        "::test_earning_is_monotone_and_written_is_earned_plus_unearned",
    )),
    12: ("any split of days into runs gives one total; runs again add nothing", ()),
    13: ("written is earned and unearned, per policy, program, state, organisation", (
        "demo/test_billing.py::test_its_written_premium_is_earned_and_unearned",
    )),
    14: ("written is earned, penalty and refund; the refund is at most the unearned", (
        "money/test_properties.py::test_a_cancellation_accounts_for_every_cent",
    )),
    15: ("short rate is at most pro rata; flat is all of it", (
        "money/test_properties.py::test_a_cancellation_accounts_for_every_cent",
    )),
    16: ("an endorsement and its opposite on one day net to nothing", (
        "money/test_properties.py::test_an_endorsement_and_its_opposite_net_to_nothing",
    )),
    17: ("a leap day earns once", ()),
    18: ("reinstatement without lapse restores the schedule", ()),
    19: ("incurred is outstanding and paid less recovered", ()),
    20: ("a reserve is its deltas, never negative, numbered without gaps", ()),
    21: ("no more than the limit is paid unless allowed", ()),
    22: ("a closed claim holds no reserve and nothing in flight", ()),
    23: ("entries balance, posted ones never change, reversals mirror", (
        "demo/test_accounting.py::test_its_entries_balance_and_are_numbered_without_gaps",
    )),
    24: ("a running balance is the sum of its lines", ()),
    25: ("no drift is unexplained, the ledger down, slow or replayed", ()),
    26: ("a bordereau is its lines is the journal; a transaction is in exactly one", ()),
    27: ("commission payable is accrued less paid less clawed back", ()),
    28: ("the audit chain verifies; a row taken out breaks it", ()),
    29: ("no answer of one organisation holds an id of another", ()),
    30: ("a notice takes effect no earlier than the rule's days after mailing", ()),
    31: ("every path in an event table is legal", ()),
    32: ("no money is a float", ("test_tidy.py::test_it_keeps_floats_out_of_money",)),
    33: ("mapped journal sums are the ledger's after every event", (
        "demo/test_load.py::test_its_journal_is_its_ledger_to_the_cent",
    )),
    34: ("suspense is the open suspense items", (
        "demo/test_accounting.py::test_its_suspense_is_the_open_items",
    )),
}  # fmt: skip
OPEN_MAX = 34  # lowered whenever a line is filled
