"""From an executed notebook to a page for readers: document, exporter, index page."""
