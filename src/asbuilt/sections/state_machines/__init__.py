"""State Machines: the lifecycles that a component promises to enforce."""

from asbuilt.sections.state_machines.model import (
    After,
    At,
    Guard,
    Machine,
    State,
    StateMachines,
    Timer,
    Transition,
)

__all__ = ["After", "At", "Guard", "Machine", "State", "StateMachines", "Timer", "Transition"]
