"""Pure functions of the component that several back ends need."""
