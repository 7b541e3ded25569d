"""x86-TSO: a plain store waits in the store buffer of its CPU before others see it.

For scenarios in which that matters, and for what they share in this way (`Place`); everything else
in the model is sequentially consistent. A place holds one bit, and all that is stored is 1. A store
buffer has room for one store; the next one waits.
"""

from kvmspec.machine import Kvm, Place, Vcpu
from kvmtla import Set, atomic, hardware, operation, require, wait_until


@atomic(text="a plain store, into the store buffer")
def store(m: Kvm, cpu: Vcpu, place: Place) -> None:
    """A store that others will see some time later."""
    require(m.store_buffer[cpu] is None)
    m.store_buffer[cpu] = place


@atomic(text="a plain load")
def load(m: Kvm, cpu: Vcpu, place: Place) -> bool:
    """What is in memory, unless the CPU has stored something itself."""
    return place in m.memory or m.store_buffer[cpu] == place


@operation(kernel="arch/x86/include/asm/barrier.h:smp_mb")
def smp_mb(m: Kvm, cpu: Vcpu) -> None:
    """Go on when all that the CPU has stored is seen by others. Locked instructions do the same."""
    wait_until(m.store_buffer[cpu] is None, text="smp_mb()")


@hardware("the store buffer drains: others see the store", source="SDM vol. 3, 9.2.2")
def drain(m: Kvm, cpu: Vcpu, place: Place) -> None:
    """At any time."""
    require(m.store_buffer[cpu] == place)
    m.store_buffer[cpu] = None
    m.memory = m.memory | Set({place})
