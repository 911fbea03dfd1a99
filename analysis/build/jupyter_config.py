"""What nbconvert does with chapters of a book, called by its command or by JupyterLab's menu "Save and Export".

Set-up puts this file into the environment's `etc/jupyter`, where all of Jupyter's programs read it; nbconvert's own
file of settings isn't read by JupyterLab.

Jupyter reads settings from the environment and the home folder, never from the folder it is called in.
"""

from nbconvert.exporters import Exporter
from traitlets.config import get_config

# nbconvert's own list, with ours in the place of what executes: were both there, a chapter would run twice
execute = {"nbconvert.preprocessors.ExecutePreprocessor": "analysis.build.convert.ExecutePreprocessor"}
get_config().Exporter.default_preprocessors = [
    *(execute.get(name, name) for name in Exporter.default_preprocessors.default() or ()),
    "analysis.build.convert.ValuesAsText",
]
