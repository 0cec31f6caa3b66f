"""Migration histories: files against ledger, one module a tool."""
