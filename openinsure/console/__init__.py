"""The shell: middleware, request, rendering, cursors, templates' globals. Knows no app."""
