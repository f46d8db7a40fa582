"""What an examination found: as text for people, JSON for tools, JUnit XML for pipelines, a page for colleagues."""

from asbuilt.verify.report.interchange import render_json
from asbuilt.verify.report.junit import render_junit
from asbuilt.verify.report.page import render_page
from asbuilt.verify.report.text import Room, render_text

__all__ = ["Room", "render_json", "render_junit", "render_page", "render_text"]
