"""Tests of pages over several keyspaces."""
