"""The shell: what every page relies on."""
