"""The documents of `examples/` implemented by hand, as three ecosystems would."""
