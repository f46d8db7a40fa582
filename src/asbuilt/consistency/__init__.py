"""What two sections must agree on. A rule reads the component, whose names are resolved."""
