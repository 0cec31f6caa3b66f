"""The openinsure command. Light: imports one verb, no Django unless the verb needs it."""
