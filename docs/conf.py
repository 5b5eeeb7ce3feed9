"""How the documentation is built: every page with code is executed, and an error ends the build."""

from importlib.metadata import version as version_of

project = "symloss"
author = "the symloss developers"
copyright = "2026, the symloss developers"
version = release = version_of("symloss")

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.mathjax"]
exclude_patterns = ["_build", "jupyter_execute"]

html_theme = "furo"
html_title = "symloss"
html_static_path = ["_static"]
html_css_files = ["outputs.css"]

myst_enable_extensions = ["amsmath", "dollarmath", "colon_fence"]
myst_heading_anchors = 3

nb_execution_mode = "force"
nb_execution_raise_on_error = True
nb_execution_timeout = 120
nb_merge_streams = True
nb_render_markdown_format = "myst"  # tables

autodoc_typehints = "none"
napoleon_google_docstring = False
nitpicky = False
