"""Diagnostics as text for people, as JSON for tools, as SARIF 2.1.0 for code scanners."""

from asbuilt.report.interchange import render_json
from asbuilt.report.sarif import render_sarif
from asbuilt.report.text import render_text

__all__ = ["render_json", "render_sarif", "render_text"]
