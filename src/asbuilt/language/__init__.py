"""What several sections write: names, types, values, Python annotations, tolerant JSON."""
