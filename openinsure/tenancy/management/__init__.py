"""Commands that change the schema of `default`, under the guard's one exception."""
