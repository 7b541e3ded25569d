"""What holds for all tests."""

from hypothesis import HealthCheck, settings

# How fast a machine is today is not what is tested.
settings.register_profile("kvmtla", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("kvmtla")
