"""TLC as a process that nothing else speaks to: the two of its classes that are changed for that.

TLC can be watched through JMX, and its set of states can be asked for through RMI. It prepares for
both in every run, and for that opens a port of TCP, on which nobody calls here; there is no switch.
For a small model this is a fifth of the time, and a run takes another 0.3 s to end, since Java
waits for the thread at the port.

What is changed are names in the constants of two class files, and no instruction. The set of states
is a `RemoteServer` as before, but no longer a `UnicastRemoteObject`, whose constructor is what
opens the port. Whoever watches asks a server of their own, and not the one of the platform.
"""

from __future__ import annotations

import contextlib
import io
import os
import zipfile
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from kvmtla.tlc.cache import cache_folder, new_entry
from kvmtla.tlc.jar import PINNED_SHA256, Jar

_CHANGES = {
    "tlc2/tool/fp/FPSet.class": {
        "java/rmi/server/UnicastRemoteObject": "java/rmi/server/RemoteServer",
    },
    "tlc2/tool/management/TLCStandardMBean.class": {
        "java/lang/management/ManagementFactory": "javax/management/MBeanServerFactory",
        "getPlatformMBeanServer": "newMBeanServer",
    },
}
# Sizes of the constants of a class file, with their tags, but for texts (JVM specification, 4.4).
_SIZES = dict.fromkeys((7, 8, 16, 19, 20), 3) | dict.fromkeys((3, 4, 9, 10, 11, 12, 17, 18), 5)
_SIZES |= {5: 9, 6: 9, 15: 4}
_TEXT, _TWO_NUMBERS = 1, (5, 6)


def changed_classes(jar: Jar) -> Path | None:
    """A jar with the changed classes, to be looked at before `jar`; made unless it is there.

    None for any TLC but the pinned one, whose classes are known, and where nothing can be kept.
    """
    if jar.sha256 != PINNED_SHA256:
        return None
    path = cache_folder() / "alone" / f"{jar.sha256[:32]}.jar"
    try:
        content = _content(jar)
        with contextlib.suppress(FileNotFoundError):
            if path.read_bytes() == content:
                return path
        with new_entry(path) as work:
            made = work / path.name
            made.write_bytes(content)
            # Java refuses a class-data archive that was made with a jar of another date.
            os.utime(made, (0, 0))
            made.replace(path)
    except OSError:
        return None
    return path


@lru_cache(maxsize=1)
def _content(jar: Jar) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(jar.path) as old, zipfile.ZipFile(made, "w") as new:
        for name, changes in _CHANGES.items():
            new.writestr(zipfile.ZipInfo(name), renamed(old.read(name), changes))
    return made.getvalue()


def renamed(class_file: bytes, changes: Mapping[str, str]) -> bytes:
    """A class file with other names in its constants; each has to be there exactly once.

    Raises ValueError where that is not so.
    """
    count = int.from_bytes(class_file[8:10], "big")
    parts, at, number = [class_file[:10]], 10, 1
    found = []
    while number < count:
        tag = class_file[at]
        if tag == _TEXT:
            end = at + 3 + int.from_bytes(class_file[at + 1 : at + 3], "big")
            text = class_file[at + 3 : end]
            other = changes.get(text.decode("utf-8", "replace"))
            if other is not None:
                found.append(text.decode())
                text = other.encode()
            parts.append(bytes([tag]) + len(text).to_bytes(2, "big") + text)
        else:
            end = at + _SIZES[tag]
            parts.append(class_file[at:end])
        at, number = end, number + (2 if tag in _TWO_NUMBERS else 1)
    if sorted(found) != sorted(changes):
        raise ValueError(f"expected {sorted(changes)}, found {sorted(found)}")
    return b"".join([*parts, class_file[at:]])
