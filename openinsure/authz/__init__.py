"""Who may: the permission enum, the authorisation port and its adapters."""
