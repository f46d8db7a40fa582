"""What was measured, and what follows from it: medians, and ratios round by round."""

from dataclasses import dataclass, field
from statistics import median

from load import Sample


@dataclass(frozen=True, slots=True)
class Spread:
    """A median with the least and the greatest of the rounds it stands for."""

    median: float
    least: float
    greatest: float

    @classmethod
    def of(cls, values: list[float]) -> "Spread":
        return cls(median(values), min(values), max(values))


@dataclass(slots=True)
class Results:
    """Samples by contender and endpoint, in order of rounds. What has none has a reason in `missing`.

    Rounds in which the machine had other work count only where there are no others.
    `titles` are the contenders in the order of the table, those that could not start among them.
    """

    titles: dict[str, str]
    samples: dict[tuple[str, str], list[Sample]] = field(default_factory=dict)
    missing: dict[tuple[str, str], str] = field(default_factory=dict)

    def add(self, contender: str, endpoint: str, sample: Sample) -> None:
        self.samples.setdefault((contender, endpoint), []).append(sample)

    def errors(self, contender: str, endpoint: str) -> int:
        return sum(sample.errors for sample in self.samples.get((contender, endpoint), ()))

    def rates(self, contender: str, endpoint: str) -> Spread | None:
        """Requests a second; None where nothing was measured or any answer was wrong."""
        samples = self.samples.get((contender, endpoint))
        if not samples or self.errors(contender, endpoint):
            return None
        calm = [sample for sample in samples if sample.calm]
        return Spread.of([sample.rate for sample in calm or samples])

    def ratios(self, contender: str, rival: str, endpoint: str) -> Spread | None:
        """How many times as fast as `rival`, each round against the same round."""
        if self.rates(contender, endpoint) is None or self.rates(rival, endpoint) is None:
            return None
        rounds = list(zip(self.samples[contender, endpoint], self.samples[rival, endpoint], strict=True))
        calm = [(own, other) for own, other in rounds if own.calm and other.calm]
        return Spread.of([own.rate / other.rate for own, other in calm or rounds])
