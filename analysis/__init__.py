"""Kreisblick: the helpers behind the notebooks. Importing this package loads nothing heavy."""

__version__ = "0.1.0"

import sys

# jsonschema would import it for a format that nothing here uses; its import builds a grammar, which takes seconds.
sys.modules.setdefault("rfc3987_syntax", None)
