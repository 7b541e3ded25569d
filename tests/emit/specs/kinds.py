"""A property of each kind, and who is fair: CPUs are asked to flush, and somebody waits for it."""

from kvmtla import (
    Actor,
    Claim,
    Domain,
    Map,
    Project,
    RwLock,
    Scenario,
    Shared,
    Span,
    choose,
    clear_bit,
    eventually,
    hardware,
    held_for_write,
    holds,
    initial,
    invariant,
    leads_to,
    operation,
    pure,
    reachable,
    reached,
    require,
    set_bit,
    step_invariant,
    test_and_clear_bit,
    test_bit,
    unreached,
    violated,
    wait_until,
    write_lock,
)


class Cpu(Domain, symmetric=True, label="CPU"):
    """A CPU with a TLB."""


class Machine(Shared):
    """Who is asked to flush, and who has something stale."""

    requested: Map[Cpu, bool]
    stale: Map[Cpu, bool]
    first: Cpu
    lock: RwLock


flushing = Span("Somebody flushes this CPU's TLB.", cpu=Cpu)


@initial
def clean(m: Machine) -> None:
    """No CPU has anything stale."""
    m.first = choose(Cpu)


@hardware("the CPU caches something")
def fill(m: Machine, cpu: Cpu) -> None:
    """It does so only once."""
    require(not m.stale[cpu] and not m.requested[cpu])
    m.stale[cpu] = True


@operation(kernel="virt/kvm/kvm_main.c:kvm_flush_remote_tlbs")
def flush(m: Machine, cpu: Cpu) -> None:
    """Ask a CPU to flush, and wait until it has done so."""
    with write_lock(m.lock):
        if not test_bit(m.stale[cpu]):
            return
        with flushing(cpu):
            set_bit(m.requested[cpu])
            wait_until(not m.requested[cpu])


@operation(kernel="arch/x86/kvm/x86.c:vcpu_enter_guest")
def enter(m: Machine, cpu: Cpu) -> None:
    """Do what is requested."""
    if test_and_clear_bit(m.requested[cpu]):
        clear_bit(m.stale[cpu])


@pure
def is_flushed(m: Machine, cpu: Cpu) -> bool:
    """Somebody sees to this CPU, and to no other."""
    return flushing.active(cpu) and not any(flushing.active(c) for c in Cpu if c != cpu)


@invariant
def requested_is_waited_for(m: Machine) -> bool:
    """Who is asked to flush is waited for."""
    return all(flushing.active(cpu) for cpu in Cpu if m.requested[cpu])


@step_invariant
def asked_under_the_lock(before: Machine, after: Machine) -> bool:
    """A CPU is asked to flush only by who holds the lock."""
    return all(
        held_for_write(before.lock) and held_for_write(after.lock)
        for cpu in Cpu
        if after.requested[cpu] and not before.requested[cpu]
    )


@step_invariant
def done_when_clean(before: Machine, after: Machine) -> bool:
    """A request is over only when nothing is stale any more."""
    return all(
        not after.stale[cpu] for cpu in Cpu if before.requested[cpu] and not after.requested[cpu]
    )


@step_invariant
def one_at_a_time(before: Machine, after: Machine) -> bool:
    """The first CPU's flush ends before that of another begins."""
    return (
        not is_flushed(before, before.first)
        or is_flushed(after, before.first)
        or not any(is_flushed(after, cpu) for cpu in Cpu)
    )


@reachable
def all_stale(m: Machine) -> bool:
    """All CPUs have something stale."""
    return all(m.stale[cpu] for cpu in Cpu)


@reachable
def two_requests(m: Machine) -> bool:
    """Two CPUs are asked at the same time."""
    return any(m.requested[a] and m.requested[b] for a in Cpu for b in Cpu if a != b)


@leads_to
def request_is_served(m: Machine, cpu: Cpu) -> tuple[bool, bool]:
    """Who is asked to flush has nothing stale in the end."""
    return m.requested[cpu], not m.stale[cpu]


@leads_to
def stale_is_flushed(m: Machine, cpu: Cpu) -> tuple[bool, bool]:
    """What is stale does not stay for ever."""
    return m.stale[cpu], not m.stale[cpu]


@eventually
def somebody_asks(m: Machine) -> bool:
    """In the end, somebody is asked."""
    return any(m.requested[cpu] for cpu in Cpu)


world = Scenario(
    "kick",
    "CPUs cache and flush.",
    machine=Machine,
    sizes={Cpu: 2},
    initial=clean,
    actors=[
        Actor("flusher", flush, fair=True),
        Actor("vcpu", enter, each=Cpu, fair=True),
    ],
    hardware=[fill],
)

project = Project(
    "kinds",
    claims=[
        Claim(
            "K1",
            "kinds",
            quote="Each kind of property.",
            source="this file",
            scenario=world,
            expect=[
                holds(requested_is_waited_for),
                holds(asked_under_the_lock),
                violated(done_when_clean),
                holds(one_at_a_time),
                reached(all_stale),
                unreached(two_requests),
                holds(request_is_served),
                violated(stale_is_flushed),
                violated(somebody_asks),
            ],
        )
    ],
    constants=[],
)
