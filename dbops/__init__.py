"""Databases as objects: inventory, probes, migration state, drift, deploy requests, fleets.

Imports only openinsure.environment, the core folders and console; knows no tenant table.
"""
