"""Reads of oi_billing, by noun: lists, invoices, payments, accounts, holds, books."""
