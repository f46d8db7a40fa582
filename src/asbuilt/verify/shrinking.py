"""The shortest part of a sequence that still shows what the whole of it shows.

Steps are dropped in ever smaller stretches, then members of bodies and parameters one by one, as delta debugging does
(Zeller and Hildebrandt, "Simplifying and isolating failure-inducing input", 2002).
"""

from collections.abc import Callable
from dataclasses import dataclass

from asbuilt.verify.sequence import Step, without


@dataclass
class Shrinking:
    """`shows` plays a sequence anew; at most `attempts` times."""

    shows: Callable[[tuple[Step, ...]], bool]
    attempts: int

    def shortest(self, steps: tuple[Step, ...]) -> tuple[Step, ...]:
        """The last step stays: it is the one that shows it."""
        return self._plainest(self._fewest(steps))

    def _fewest(self, steps: tuple[Step, ...]) -> tuple[Step, ...]:
        length = max(1, len(steps) // 2)
        while True:
            at, shorter = 0, False
            while at < len(steps) - 1:
                dropped = frozenset(step.number for step in steps[at : min(at + length, len(steps) - 1)])
                tried = without(steps, dropped)
                if tried and tried[-1] is steps[-1] and self._holds(tried):
                    steps, shorter = tried, True
                else:
                    at += length
            if length == 1 and not shorter:
                return steps
            length = max(1, length // 2)

    def _plainest(self, steps: tuple[Step, ...]) -> tuple[Step, ...]:
        for number in range(len(steps)):
            steps = self._plainer(steps, number)
        return steps

    def _plainer(self, steps: tuple[Step, ...], number: int) -> tuple[Step, ...]:
        """The sequence with as little as it takes in one of its steps."""
        while True:
            for smaller in steps[number].smaller():
                tried = (*steps[:number], smaller, *steps[number + 1 :])
                if self._holds(tried):
                    steps = tried
                    break
            else:
                return steps

    def _holds(self, steps: tuple[Step, ...]) -> bool:
        if self.attempts <= 0:
            return False
        self.attempts -= 1
        return self.shows(steps)
