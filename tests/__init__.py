"""The suite. File = page or operation, function = test_it_<does>."""
