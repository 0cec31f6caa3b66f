"""Who may: permissions and the matrix as data, the port, its adapters, the view decorators.

Imports ledger, money, audit, tenancy and below only. Reads no session and renders nothing.
"""
