"""`openinsure db`: one file per verb."""
