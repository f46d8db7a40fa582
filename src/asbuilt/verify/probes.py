"""All probes there are. A new one is a file beside this and a line below."""

from asbuilt.verify import bodies, endpoints, errors
from asbuilt.verify.probe import Probe

PROBES: tuple[Probe, ...] = (endpoints.endpoints, bodies.bodies, errors.errors)
