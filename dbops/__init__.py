"""Databases as objects: inventory, probes, migration state, drift.

Imports only openinsure.environment, the core folders and console; knows no tenant table.
"""
