"""KVM's SPTEs, and what KVM, its vCPUs and their CPUs do to them."""

from kvmspec.claims import CLAIMS
from kvmspec.constants import PML, kernel, method
from kvmtla import Project

project = Project(
    name="KVM TDP MMU",
    claims=CLAIMS,
    constants=[kernel, method],
    word_format=lambda config: "ept" if config["method"] == PML else "npt",
)
