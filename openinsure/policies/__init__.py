"""Keyspace oi_policies: policies, endorsements, coverages, drivers, vehicles."""
