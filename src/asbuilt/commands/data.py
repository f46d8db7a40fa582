"""Show where the embedded database of a document keeps its data."""

import argparse

from asbuilt.commands import arguments
from asbuilt.postgres.server import data_folder


def add(parser: argparse.ArgumentParser) -> None:
    arguments.document(parser)


def main(given: argparse.Namespace) -> int:
    print(data_folder(given.file))
    return 0
