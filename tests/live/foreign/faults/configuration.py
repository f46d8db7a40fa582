"""Faults in how the environment is read."""

from dataclasses import replace

from foreign.faults.fault import Fault

CONFIGURATION = tuple(
    replace(fault, section="Environment Variables", needs="start", example="ledger")
    for fault in (
        Fault(
            "port-zero-allowed",
            "",
            ((r"(?<=ge=)1(?=, le=65535)", "0"), (r"(?<=port < )1", "0"), (r"(?<=not )1(?= <= int)", "0")),
        ),
        Fault("level-unchecked", "", ((r"  if \(!Object\.hasOwn\(LEVELS.*\n", ""),)),
        Fault("level-missing", "", ((r", warning: 'warn'", ""), (r'(?<="info", )"warning", ', ""))),
        Fault(
            "variable-ignored",
            "",
            (
                (r'(?<=get\(")COMPONENT_PORT', "SERVICE_PORT"),
                (r"\?\? COMPONENT_PORT ", ""),
                (r'"component_port", ', ""),
            ),
        ),
        Fault("default-port-wrong", "", ((r"(?<=['\"])8080(?=['\"])|(?<=Field\()8080", "8000"),)),
    )
)
