"""Parameters: values of their type are taken, values that are not are refused, and what is left out has its default."""

from collections.abc import Iterator

from asbuilt.component import Operation
from asbuilt.component.derived_lists import is_cursor
from asbuilt.component.reach import reach_of
from asbuilt.language.names import snake
from asbuilt.language.samples import NO_SAMPLE
from asbuilt.language.types import ABSENT, UNSET, Named, Scalar
from asbuilt.sections.api import Parameter
from asbuilt.verify.call import Call, wire
from asbuilt.verify.edges import LEFT_OUT, Value, values
from asbuilt.verify.exchange import Exchange
from asbuilt.verify.judge import Judge
from asbuilt.verify.likeness import alike
from asbuilt.verify.probe import probe
from asbuilt.verify.trial import Trial
from asbuilt.verify.values import constraints_of, kind_of, value_of
from asbuilt.verify.verdict import Evidence, Finding, Verdict
from asbuilt.verify.world import Lacking, Prepared, successes

_READS = frozenset({"GET", "HEAD"})
_RANGING = frozenset({"int", "float", "decimal", "date", "datetime", "time"})
_TEXTS = frozenset({"text", "character varying", "character", "citext", "name", "unknown"})


@probe("parameters", "parameter", "alias", cost=2, risk=8)
def parameters(trial: Trial) -> Iterator[Verdict]:
    """Each parameter of path, query and header at the edges of its type, in a call that is valid otherwise."""
    judge = Judge(trial)
    for operation in trial.component.operations:
        if operation.hole is None:
            for parameter in operation.endpoint.parameters:
                try:
                    yield from _of_parameter(trial, judge, operation, parameter)
                except Lacking as lacking:
                    why = f"no valid call could be made: {lacking}"
                    yield trial.unchecked(why, "parameter", *_key(operation, parameter))


def _key(operation: Operation, parameter: Parameter) -> tuple[str, str, str]:
    return operation.endpoint.title, parameter.place, parameter.name.text


def _of_parameter(trial: Trial, judge: Judge, operation: Operation, parameter: Parameter) -> Iterator[Verdict]:
    if parameter.place == "path":
        yield from _path(trial, judge, operation, parameter)
        return
    if is_cursor(parameter):
        yield from _no_cursor(trial, judge, operation, parameter)
        return
    plain = _sample(trial, operation, parameter)
    for value in (*values(parameter.type, trial.component.types), *([plain] if plain else [])):
        if _can_be_written(value, parameter):
            yield from _tried(trial, judge, operation, parameter, value)
    yield from _clamped(trial, judge, operation, parameter)
    yield from _required(trial, judge, operation, parameter)
    yield from _default(trial, operation, parameter)


def _no_cursor(trial: Trial, judge: Judge, operation: Operation, parameter: Parameter) -> Iterator[Verdict]:
    """A cursor that no answer gave. What good ones do is for the probe of lists."""
    prepared = trial.world.prepare(operation)
    call = _with(prepared.call, parameter, "no cursor")
    exchange = trial.client.send(call.request())
    if trial.target.own:
        yield from judge.refusal(call, exchange, "validation", (parameter.name.text,), prepared.exchanges)
    elif exchange.status not in successes(operation) and not 400 <= exchange.status < 500:
        yield from judge.success(call, exchange, prepared.exchanges)


def _can_be_written(value: Value, parameter: Parameter) -> bool:
    """Whether a value can stand in a query: neither null nor a structure, and no text that reads as another value."""
    if value.value is None or value.value is LEFT_OUT or isinstance(value.value, list | dict):
        return False
    lenient = constraints_of(parameter.type).otherwise is not UNSET
    return not (lenient and not value.holds) and not (value.value == "" or "\n" in str(value.value))


def _sample(trial: Trial, operation: Operation, parameter: Parameter) -> Value | None:
    """A plain value of the type, for a type without edges."""
    value = value_of(parameter.type, trial.component.types)
    if value is NO_SAMPLE or isinstance(value, list | dict) or _is_parsed(trial, operation, parameter):
        return None
    return Value("a plain value", value, holds=True)


def _is_parsed(trial: Trial, operation: Operation, parameter: Parameter) -> bool:
    """Whether text is taken for something else by a statement: for JSON, a path, a moment."""
    for pattern in reach_of(trial.component, operation).patterns:
        signature = trial.component.signature(pattern.name.text)
        found = signature.parameter(snake(parameter.name.text)) if signature else None
        if found is not None and found.name not in _TEXTS:
            return True
    return False


def _tried(trial: Trial, judge: Judge, operation: Operation, parameter: Parameter, value: Value) -> Iterator[Verdict]:
    if value.holds and parameter.name.text in trial.world.relations.of(operation).query:
        return
    prepared = trial.world.prepare(operation)
    call = _with(prepared.call, parameter, wire(value.value))
    exchange = trial.client.send(call.request())
    taken = exchange.status in successes(operation)
    if value.holds and not taken:
        together = _alike_throughout(trial, prepared.call, operation, parameter, value)
        exchange = trial.client.send(together.request())
        taken = exchange.status in successes(operation)
    if value.holds:
        refused = not taken and exchange.status in judge.refusals(operation)
        if taken or refused:
            why = f"{value.label} is {'taken' if taken else 'refused, though its type accepts it'}"
            yield from _found(trial, operation, parameter, "verified" if taken else "refuted", why, prepared, exchange)
        yield from judge.success(call, exchange, prepared.exchanges)
    elif taken:
        why = f"{value.label} is taken, though its type refuses it"
        yield from _found(trial, operation, parameter, "refuted", why, prepared, exchange)
    else:
        yield from judge.refusal(call, exchange, "validation", (parameter.name.text,), prepared.exchanges)
        if 400 <= exchange.status < 500:
            yield from _found(trial, operation, parameter, "verified", f"{value.label} is refused", prepared, exchange)


def _alike_throughout(trial: Trial, call: Call, operation: Operation, parameter: Parameter, value: Value) -> Call:
    """The call with the value in all parameters of its kind: beginning and end of a range depend on each other."""
    types = trial.component.types
    kind = kind_of(types.present(parameter.type))
    for other in operation.endpoint.parameters:
        same = other.place == parameter.place and kind_of(types.present(other.type)) == kind
        if other is parameter or (same and kind in _RANGING):
            call = _with(call, other, wire(value.value))
    return call


def _clamped(trial: Trial, judge: Judge, operation: Operation, parameter: Parameter) -> Iterator[Verdict]:
    """A value beyond its bounds is moved to the bound: the answer is the same."""
    constraints = constraints_of(trial.component.types.present(parameter.type))
    if constraints.clamp is None or operation.endpoint.method not in _READS:
        return
    low, high = constraints.clamp
    for bound, beyond in ((low, low - 1), (high, high + 1)):
        prepared = trial.world.prepare(operation)
        one, other = (
            trial.client.send(_with(prepared.call, parameter, wire(each)).request()) for each in (bound, beyond)
        )
        yield from judge.success(prepared.call, other, prepared.exchanges)
        if one.status in successes(operation):
            same = other.status == one.status and _alike(one, other)
            why = f"{beyond} is {'' if same else 'not '}taken as {bound}"
            yield from _found(trial, operation, parameter, "verified" if same else "refuted", why, prepared, one, other)


def _required(trial: Trial, judge: Judge, operation: Operation, parameter: Parameter) -> Iterator[Verdict]:
    if not parameter.required:
        return
    prepared = trial.world.prepare(operation)
    valid = trial.client.send(prepared.call.request())
    if valid.status in successes(operation):
        yield from _found(trial, operation, parameter, "verified", "a value of its type is taken", prepared, valid)
    call = _with(prepared.call, parameter)
    exchange = trial.client.send(call.request())
    if exchange.status in successes(operation):
        yield from _found(trial, operation, parameter, "refuted", "it may be left out", prepared, exchange)
    else:
        yield from judge.refusal(call, exchange, "validation", (parameter.name.text,), prepared.exchanges)


def _default(trial: Trial, operation: Operation, parameter: Parameter) -> Iterator[Verdict]:
    """Left out, a parameter is what its default says: both reads answer the same, unless others change it meanwhile."""
    default = parameter.default
    if default in (UNSET, ABSENT, None) or isinstance(default, list) or operation.endpoint.method not in _READS:
        return
    prepared = trial.world.prepare(operation)
    out = _with(prepared.call, parameter).request()
    one = trial.client.settled(out)
    other = trial.client.settled(_with(prepared.call, parameter, wire(default)).request())
    if one.status in successes(operation) and other.status in successes(operation):
        same = _alike(one, other)
        if not same and not _alike(one, trial.client.settled(out)):
            return
        why = f"left out it is {'' if same else 'not '}as {default!r}"
        yield from _found(trial, operation, parameter, "verified" if same else "refuted", why, prepared, one, other)


def _path(trial: Trial, judge: Judge, operation: Operation, parameter: Parameter) -> Iterator[Verdict]:
    """A value that names a row is taken, one that is not of its type is not found."""
    prepared = trial.world.prepare(operation)
    exchange = trial.client.send(prepared.call.request())
    yield from judge.success(prepared.call, exchange, prepared.exchanges)
    if exchange.status in successes(operation):
        yield from _found(trial, operation, parameter, "verified", "a value of its type is taken", prepared, exchange)
    present = trial.component.types.present(parameter.type)
    wrong = _wrong(present) if isinstance(present, Scalar | Named) else None
    if wrong is None:
        return
    prepared = trial.world.prepare(operation)
    call = prepared.call.with_path(parameter.name.text, wrong)
    exchange = trial.client.send(call.request())
    if exchange.status in successes(operation):
        why = f"`{wrong}` is taken, which is not of its type"
        yield from _found(trial, operation, parameter, "refuted", why, prepared, exchange)
    elif trial.target.own:
        yield from judge.refusal(call, exchange, "no row", (operation.name,), prepared.exchanges)
    elif exchange.status >= 500 or exchange.response is None:
        yield from judge.success(call, exchange, prepared.exchanges)


def _wrong(type_: Scalar | Named) -> str | None:
    kinds = {"uuid": "not-a-uuid", "int": "not-a-number", "float": "not-a-number", "date": "not-a-date"}
    return kinds.get(type_.kind) if isinstance(type_, Scalar) else None


def _with(call: Call, parameter: Parameter, *texts: str) -> Call:
    change = call.with_header if parameter.place == "header" else call.with_query
    return change(parameter.name.text, *texts)


def _alike(one: Exchange, other: Exchange) -> bool:
    if one.response is None or other.response is None:
        return False
    try:
        return alike(one.response.json(), other.response.json())
    except ValueError:
        return one.response.body == other.response.body


def _found(
    trial: Trial,
    operation: Operation,
    parameter: Parameter,
    finding: Finding,
    why: str,
    prepared: Prepared,
    *exchanges: Exchange,
) -> Iterator[Verdict]:
    evidence = Evidence((*prepared.exchanges, *exchanges))
    yield trial.verdict(finding, why, evidence, "parameter", *_key(operation, parameter))
    if isinstance(parameter.type, Named) and trial.ledger.find("alias", parameter.type.name):
        yield trial.verdict(finding, f"`{parameter.name.text}`: {why}", evidence, "alias", parameter.type.name)
