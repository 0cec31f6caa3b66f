"""Tables of the pages app in oi_console."""
