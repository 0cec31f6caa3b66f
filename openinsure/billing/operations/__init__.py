"""Writes of oi_billing: every one that moves money goes through `journal.post_entry`."""
