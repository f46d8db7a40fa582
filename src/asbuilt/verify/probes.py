"""All probes there are. A new one is a file beside this and a line below.

They run in this order, unless a budget asks for the riskiest first. Of findings that weigh the same the first is kept,
so that what shows a claim alone and in few requests comes before what shows it among others.
"""

from asbuilt.verify import (
    agreement,
    bodies,
    catalogue,
    complexity,
    endpoints,
    environment,
    errors,
    http_baseline,
    lifecycles,
    listings,
    mapped_classes,
    outages,
    parameters,
    races,
    routes,
    statements,
    witnesses,
)
from asbuilt.verify.probe import Probe

PROBES: tuple[Probe, ...] = (
    # First, since every row that others make takes values from the room it finds.
    endpoints.room,
    # On the database alone; then while it holds few rows, since time is measured.
    catalogue.catalogue,
    mapped_classes.mapped_classes,
    statements.statements,
    complexity.complexity,
    # One call at a time: right ones, then those with a single fault.
    endpoints.endpoints,
    bodies.bodies,
    parameters.parameters,
    errors.errors,
    routes.routes,
    http_baseline.http_baseline,
    # Several calls: one after another, at once, and on two implementations.
    lifecycles.lifecycles,
    listings.listings,
    races.races,
    witnesses.witnesses,
    agreement.agreement,
    # Last, since they start the target again and take its database away, which it may be slow to get over.
    environment.environment,
    outages.outages,
)
