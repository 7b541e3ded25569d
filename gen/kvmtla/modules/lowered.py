"""The model of a scenario in one world, of a spec whose worlds and formats are checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum

from kvmtla.errors import SpecError, did_you_mean
from kvmtla.front.scenario import ScenarioRead, Spec
from kvmtla.ir.bits import without_position
from kvmtla.ir.model import Model
from kvmtla.ir.stmt import Function
from kvmtla.lower.build import Lowering
from kvmtla.lower.parts import Parts
from kvmtla.lower.symbolic import Reductions
from kvmtla.modules.worlds import Worlds


def lowered(
    spec: Spec,
    scenario: ScenarioRead,
    constants: Mapping[str, Enum],
    properties: Sequence[Function],
    name: str,
    reductions: Reductions | None,
    parts: Parts | None = None,
) -> Model:
    """Return the model of a scenario for one value of each constant; raise as `finished` does.

    `parts` are those that are known from models of this spec.
    """
    parts = parts or Parts(spec.reader.program)
    return finished(spec, Lowering(scenario, parts, constants, properties, name, reductions))


def finished(spec: Spec, lowering: Lowering) -> Model:
    """Return the model that comes of a scenario of `spec`.

    Raises SpecError as `lower` does, and for a world that does not exist.
    """
    scenario = lowering.scenario
    Worlds(spec, scenario).check(lowering.constants, f"scenario {scenario.name!r} is asked of")
    model = lowering.model(word_format(spec, lowering.constants))
    _check_positions(spec, model)
    return model


def _check_positions(spec: Spec, model: Model) -> None:
    """Raise SpecError for a bit that can be set but has no position in the format in use."""
    for word, bit in without_position(model):
        known = "".join(f"{form}={n}, " for form, n in bit.bits.items())
        raise SpecError(
            "KT118",
            f"{word.name}.{bit.name} can be set in scenario {model.scenario!r}, and has no "
            f"position in format {model.word_format!r}",
            loc=spec.reader.types.location(word.name, bit.name),
            hint=f"{bit.name}: bool = Bit({known}{model.word_format}=...)",
        )


def word_format(spec: Spec, constants: Mapping[str, Enum]) -> str | None:
    """Return the format in which words are laid out; None where the project has no `word_format`.

    Raises SpecError where it cannot be worked out, or no word has this format.
    """
    if spec.project.word_format is None:
        return None
    loc = spec.project.loc
    try:
        found = spec.project.word_format(constants)
    except Exception as error:
        what = f"{type(error).__name__}: {error}"
        raise SpecError(
            "KT618",
            f"word_format cannot be worked out: {what}",
            loc=loc,
            hint='it is given the values of the constants by name: config["name"]',
        ) from error
    known = spec.reader.types.word_formats()
    if found not in known:
        hint = did_you_mean(str(found), known)
        raise SpecError("KT618", f"no word has the format {found!r}", loc=loc, hint=hint)
    return found
