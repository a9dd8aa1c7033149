"""The nbconvert exporter of Kreisblick: one self-contained page without code, script or request."""

import jinja2
import nbformat
from nbconvert.exporters.templateexporter import TemplateExporter
from traitlets.config import Config

from analysis import __version__, outputs
from analysis.report.document import ReportError, document
from analysis.report.rahmen import TEMPLATE, seite


class BerichtExporter(TemplateExporter):
    """Report for readers, also as `jupyter nbconvert --to kreisblick NOTEBOOK`.

    `resources["herkunft"]` is printed in the footer: pairs of a name (or a key of the fixed words such as `befehl`)
    and a text, or checksums by input. `resources["gestaltung"]` is the corporate design of the Kreis, neutral without
    it.
    """

    export_from_notebook = "Kreisblick (Bericht)"
    file_extension = ".html"
    output_mimetype = "text/html"
    template_name = "kreisblick"
    extra_template_basedirs = [str(TEMPLATE)]

    def from_notebook_node(self, nb: nbformat.NotebookNode, resources: dict | None = None, **kw):
        """Page of an executed notebook.

        Raises
        ------
        analysis.report.document.ReportError
            The notebook shows something that must not reach a reader.
        """
        resources = self._init_resources(dict(resources or {}))
        nb, resources = self._preprocess(nb, resources)
        name = resources.get("metadata", {}).get("name", "notebook")
        bericht = document(nb, name)
        bericht["seite"] = seite(bericht["kopf"]["titel"], bericht["worte"], resources.pop("gestaltung", None))
        bericht["herkunft"] = [
            (bericht["worte"]["stand"], bericht["kopf"]["stand"]),
            (bericht["worte"]["erstellt_mit"], f"Kreisblick {__version__}"),
            *(_named(key, said, bericht["worte"]) for key, said in resources.pop("herkunft", [])),
        ]
        resources["bericht"] = bericht
        return self.template.render(resources=resources).lstrip(), resources

    @property
    def default_config(self):
        """Settings without any of nbconvert's preprocessors; `--execute` and others can be switched on."""
        return Config()

    def _preprocess(self, nb: nbformat.NotebookNode, resources: dict):
        """Check the notebook, and prepare it where that is asked for; otherwise it is neither copied nor changed."""
        if any(getattr(preprocessor, "enabled", True) for preprocessor in self._preprocessors):
            nb, resources = super()._preprocess(nb, resources)
        try:
            nbformat.validate(nb, relax_add_props=True)
        except nbformat.ValidationError as error:
            name = resources["metadata"].get("name", "notebook")
            raise ReportError(f"{name}: is no valid notebook: {str(error).splitlines()[0]}") from None
        return nb, resources

    def _create_environment(self):
        environment = super()._create_environment()
        environment.autoescape = True
        environment.finalize = outputs.bound
        environment.trim_blocks = environment.lstrip_blocks = True
        environment.filters |= outputs.FILTERS
        environment.loader = jinja2.ChoiceLoader([environment.loader, jinja2.FileSystemLoader(outputs.TEMPLATES)])
        return environment


def _named(key: str, said: str | dict[str, str], w: dict) -> tuple[str, str]:
    """Name and text of the footer in the page's language; checksums stand one in a line."""
    if isinstance(said, dict):
        said = "\n".join(f"{w['eingabe'].get(name, name)} {checksum}" for name, checksum in said.items())
    return w.get(key, key), said
