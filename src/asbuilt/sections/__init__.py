"""One slice per section of the template: its model, its notation, its rules."""
