"""The component alive: `plan` decides before the first request, `app` runs, everything else stands beside them."""
