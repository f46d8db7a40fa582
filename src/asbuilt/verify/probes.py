"""All probes there are. A new one is a file beside this and a line below."""

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
    endpoints.room,
    catalogue.catalogue,
    mapped_classes.mapped_classes,
    statements.statements,
    complexity.complexity,
    endpoints.endpoints,
    bodies.bodies,
    parameters.parameters,
    errors.errors,
    routes.routes,
    http_baseline.http_baseline,
    lifecycles.lifecycles,
    listings.listings,
    races.races,
    witnesses.witnesses,
    agreement.agreement,
    environment.environment,
    outages.outages,
)
