"""Static files as they are served: names hashed (modules importing modules too), CSS shrunk."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from django.contrib.staticfiles.storage import HashedFilesMixin
from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage

COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
SPACE = re.compile(r"\s+")
AROUND = re.compile(r" ?([{};,>]) ?")
AFTER_COLON = re.compile(r": ")
QUOTED = re.compile(r'="([a-z][\w-]*)"\]')  # [type="search"]: a name needs no quotes
MODULE_PATTERNS = vars(HashedFilesMixin)["_js_module_import_aggregation_patterns"][1]


def shrink(css: str) -> str:
    """Our own stylesheets without comments and needless space. No string of theirs holds any."""
    css = SPACE.sub(" ", COMMENT.sub("", css))
    css = QUOTED.sub(r"=\1]", AFTER_COLON.sub(":", AROUND.sub(r"\1", css)))
    return css.replace(";}", "}").strip()


class ConsoleStaticFilesStorage(CompressedManifestStaticFilesStorage):
    """Hashed, compressed, and safe to keep for ever: a changed module changes its importers."""

    support_js_module_import_aggregation = True
    # Ours only: the pattern also finds `import(` in code that names no file (htmx 4, unused).
    _js_module_import_aggregation_patterns = ("js/*.js", MODULE_PATTERNS)

    def post_process(
        self, paths: dict[str, Any], dry_run: bool = False, **options: Any
    ) -> Iterator[Any]:
        """Shrink our stylesheets, then hash and compress as whitenoise does."""
        ours = [name for name in paths if name.startswith("css/") and name.endswith(".css")]
        for name in ours if not dry_run else ():
            with self.open(name) as source:
                text = source.read().decode()
            self.delete(name)
            self.save(name, ContentFile(shrink(text).encode()))
            paths[name] = (self, name)  # hash the copy made here, not the source
        compressed: Callable[..., Iterator[Any]] = super().post_process
        yield from compressed(paths, dry_run=dry_run, **options)
