"""Money moved: the ledger port and its adapters."""
