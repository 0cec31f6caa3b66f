"""The 34 invariants of domain part 7 and the tests that hold each of them.

A test is named `path::function` below tests/. An empty tuple is an invariant that nothing holds
yet: tests/money/test_invariants.py fails when there are more of those than OPEN_MAX.
"""

from __future__ import annotations

OPEN_MAX = 0  # every line is held by a test
WORDS = {
    1: "installments sum to the premium, each within a cent of its share",
    2: "allocations and unapplied are the payment",
    3: "legs sum to their allocation",
    4: "legs depend on the net total, not on the order",
    5: "a payment and its full reversal leave every account unchanged",
    6: "debits are credits per ledger",
    7: "trust cash is all credit balances less claims paid",
    8: "trust cash, reserves, the unearned fund and suspense are never negative",
    9: "no transfer joins two organisations",
    10: "no transfer is zero or negative, receipts of one cent included",
    11: "nothing is earned at first, all at last, monotone between",
    12: "any split of days into runs gives one total; runs again add nothing",
    13: "written is earned and unearned, per policy, program, state, organisation",
    14: "written is earned, penalty and refund; the refund is at most the unearned",
    15: "short rate is at most pro rata; flat is all of it",
    16: "an endorsement and its opposite on one day net to nothing",
    17: "a leap day earns once",
    18: "reinstatement without lapse restores the schedule",
    19: "incurred is outstanding and paid less recovered",
    20: "a reserve is its deltas, never negative, numbered without gaps",
    21: "no more than the limit is paid unless allowed",
    22: "a closed claim holds no reserve and nothing in flight",
    23: "entries balance, posted ones never change, reversals mirror",
    24: "a running balance is the sum of its lines",
    25: "no drift is unexplained, the ledger down, slow or replayed",
    26: "a bordereau is its lines is the journal; a transaction is in exactly one",
    27: "commission payable is accrued less paid less clawed back",
    28: "the audit chain verifies; a row taken out breaks it",
    29: "no answer of one organisation holds an id of another",
    30: "a notice takes effect no earlier than the rule's days after mailing",
    31: "every path in an event table is legal",
    32: "no money is a float",
    33: "mapped journal sums are the ledger's after every event",
    34: "suspense is the open suspense items",
}
TESTS: dict[int, tuple[str, ...]] = {
    1: (
        "money/test_invariant_properties.py"
        "::test_installments_sum_to_the_premium_each_within_a_cent",
        "demo/test_billing.py::test_its_installments_make_the_premium",
    ),
    2: (
        "money/test_properties.py::test_allocations_and_suspense_are_the_receipt",
        "demo/test_billing.py::test_it_allocates_payments_whole",
    ),
    3: (
        "money/test_properties.py::test_legs_sum_to_the_receipt",
        "demo/test_billing.py::test_its_legs_make_their_allocation",
    ),
    4: (
        "money/test_properties.py::test_legs_depend_on_the_total_and_not_on_the_order",
        "demo/test_billing.py::test_its_legs_depend_on_the_net_total_only",
    ),
    5: (
        "money/test_invariant_properties.py"
        "::test_a_receipt_and_its_whole_return_leave_every_account_as_it_was",
        "billing/test_payments.py::test_its_books_hold_whatever_comes_and_goes",
    ),
    6: (
        "money/test_invariant_properties.py::test_a_receipt_is_the_same_in_journal_and_ledger",
        "demo/test_accounting.py::test_its_journal_and_its_transfers_agree_by_type",
        "contracts/test_ledger_sequences.py::test_it_answers_any_sequence_as_the_model_does",
        "contracts/test_worked_example.py::test_it_ends_with_the_balances_of_the_domain",
    ),
    7: (
        "billing/test_settlement_kills.py::test_it_is_exact_after_a_kill_at_any_statement",
        "demo/test_accounting.py::test_its_journal_and_its_transfers_agree_by_type",
        "contracts/test_worked_example.py::test_it_ends_with_the_balances_of_the_domain",
        "contracts/test_posting_events.py::test_journal_and_ledger_agree_after_every_event",
    ),
    8: (
        "demo/test_accounting.py::test_its_limits_hold_after_every_chain",
        "contracts/test_ledger_sequences.py::test_it_answers_any_sequence_as_the_model_does",
        "contracts/test_worked_example.py::test_it_ends_with_the_balances_of_the_domain",
    ),
    9: (
        "contracts/test_ledger.py::test_it_keeps_ledgers_apart",
        "contracts/test_ledger_sequences.py::test_it_answers_any_sequence_as_the_model_does",
    ),
    10: (
        "billing/test_journal.py::test_it_never_makes_a_zero_or_negative_transfer",
        "demo/test_accounting.py::test_its_limits_hold_after_every_chain",
        "contracts/test_ledger_sequences.py::test_it_answers_any_sequence_as_the_model_does",
        "contracts/test_worked_example.py::test_it_ends_with_the_balances_of_the_domain",
    ),
    11: (
        "money/test_properties.py::test_a_stream_earns_nothing_at_first_and_all_at_last",
        "money/test_properties.py::test_earning_is_monotone_and_written_is_earned_plus_unearned",
    ),
    12: (
        "money/test_invariant_properties.py::test_any_split_of_the_days_earns_the_same",
        "billing/test_earned_premium.py::test_it_gives_one_total_however_the_days_are_split",
        "billing/test_earned_premium.py::test_it_posts_each_stream_once_a_day",
    ),
    13: (
        "money/test_invariant_properties.py::test_written_is_earned_and_unearned_in_every_sum",
        "demo/test_billing.py::test_its_written_premium_is_earned_and_unearned",
    ),
    14: ("money/test_properties.py::test_a_cancellation_accounts_for_every_cent",),
    15: ("money/test_properties.py::test_a_cancellation_accounts_for_every_cent",),
    16: ("money/test_properties.py::test_an_endorsement_and_its_opposite_net_to_nothing",),
    17: ("money/test_invariant_properties.py::test_a_leap_day_earns_once",),
    18: (
        "money/test_invariant_properties.py"
        "::test_a_reinstatement_without_lapse_restores_the_schedule",
        "policies/test_operations.py::test_it_reinstates_the_same_streams",
    ),
    19: (
        "claims/test_reserve_properties.py::test_it_keeps_reserve_exposure_and_claim_in_step",
        "demo/test_claim_rows.py::test_it_sums_exposures_to_the_header",
    ),
    20: (
        "claims/test_reserve_properties.py::test_it_keeps_reserve_exposure_and_claim_in_step",
        "demo/test_claim_rows.py::test_it_explains_every_reserve_by_its_steps",
    ),
    21: (
        "claims/test_money_acts.py::test_it_pays_no_more_than_the_exposure_limit",
        "demo/test_claim_rows.py::test_it_pays_what_the_exposure_says_within_its_limit",
    ),
    22: ("claims/test_acts.py::test_it_closes_only_without_reserve_and_closes_exposures",),
    23: (
        "billing/test_journal.py::test_it_takes_exactly_what_balances",
        "billing/test_journal.py::test_it_reverses_by_a_mirror_and_only_once",
        "billing/test_ledger_close.py::test_it_never_changes_what_is_posted",
        "demo/test_accounting.py::test_its_entries_balance_and_are_numbered_without_gaps",
    ),
    24: ("billing/test_statement.py::test_it_adds_up",),
    25: (
        "jobs/test_reconciliation.py::test_it_explains_a_day_without_the_ledger",
        "jobs/test_reconciliation.py::test_it_explains_what_waits_in_the_outbox",
        "jobs/test_relay.py::test_it_rebuilds_an_emptied_ledger",
    ),
    26: (
        "billing/test_settlement_properties.py"
        "::test_a_bordereau_is_its_lines_and_a_movement_is_in_exactly_one",
        "billing/test_settlement_properties.py"
        "::test_a_bordereau_nets_to_the_carriers_share_of_all_written",
    ),
    27: ("billing/test_dues.py::test_commission_tax_and_suspense_are_what_the_books_hold",),
    28: (
        "audit/test_chain.py::test_it_detects_each_of_200_random_tamperings",
        "audit/test_append.py::test_it_writes_a_chain_that_holds_for_1000_rows",
    ),
    29: (
        "test_routes.py::test_it_answers_by_the_matrix_and_leaks_nothing",
        "test_routes.py::test_it_answers_a_foreign_id_like_a_random_one",
    ),
    30: (
        "policies/test_notice_days.py::test_no_notice_ends_coverage_before_the_rules_days",
        "policies/test_notice_days.py::test_the_company_cancels_only_with_the_days_of_the_law",
        "policies/test_refusals.py::test_a_refusal_mailed_late_ends_coverage_later",
        "policies/test_notice_days.py::test_the_sweep_ends_nothing_without_its_notice",
    ),
    31: (
        "demo/test_claim_rows.py::test_it_tells_a_legal_path_without_gaps",
        "claims/test_acts.py::test_it_refuses_an_illegal_step_and_names_the_legal",
        "policies/test_operations.py::test_it_refuses_what_the_machine_does_not_have",
    ),
    32: ("test_tidy.py::test_it_keeps_floats_out_of_money",),
    33: (
        "billing/test_settlement_properties.py::test_a_payout_is_the_same_in_journal_and_ledger",
        "money/test_invariant_properties.py::test_a_receipt_is_the_same_in_journal_and_ledger",
        "demo/test_loaded.py::test_its_journal_is_its_ledger_to_the_cent",
        "contracts/test_posting_events.py::test_journal_and_ledger_agree_after_every_event",
    ),
    34: (
        "billing/test_dues.py::test_commission_tax_and_suspense_are_what_the_books_hold",
        "demo/test_accounting.py::test_its_suspense_is_the_open_items",
        "contracts/test_posting_events.py::test_journal_and_ledger_agree_after_every_event",
        "contracts/test_posting_events.py::test_suspense_is_its_open_items_to_the_last",
    ),
}
