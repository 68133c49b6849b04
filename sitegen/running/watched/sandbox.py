"""What a program may touch: limits, files, network and processes, each refused by the kernel where it can.

Unprivileged and through ctypes. Each part is optional: `describe` says what is not in force on this machine, and the
audit hook (witness.py) refuses the same things to Python code there.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import platform
import resource
import struct
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

LINUX = sys.platform == "linux"

_CLONE_NEWUSER, _CLONE_NEWPID, _CLONE_NEWIPC, _CLONE_NEWNS = 0x1000_0000, 0x2000_0000, 0x0800_0000, 0x0002_0000
_CLONE_NEWUTS = 0x0400_0000
_MS_NOSUID, _MS_NODEV, _MS_REC, _MS_PRIVATE = 1 << 1, 1 << 2, 1 << 14, 1 << 18
_PAGE = 4096
_PR_SET_PDEATHSIG, _PR_SET_SECCOMP, _PR_SET_CHILD_SUBREAPER, _PR_SET_NO_NEW_PRIVS = 1, 22, 36, 38

# landlock(7): rights by bit, each with the version of the interface that first knew it.
_READ_FILE, _READ_FOLDER, _EXECUTE = 1 << 2, 1 << 3, 1 << 0
_WRITE_FILE, _TRUNCATE = 1 << 1, 1 << 14
_ALL_BY_VERSION = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1, 5: (1 << 16) - 1}
_OF_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | 1 << 15
_SCOPE = 0b11  # abstract sockets and signals stay inside, from version 6

# Refused with EACCES: sockets, and what reaches into other processes or the kernel. (x86_64, aarch64) by name.
_REFUSED = {
    "socket": (41, 198),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "pidfd_getfd": (438, 438),
    "io_uring_setup": (425, 425),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "keyctl": (250, 219),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsmount": (432, 432),
    "mount_setattr": (442, 442),
    "shmget": (29, 194),
    "mq_open": (240, 180),
}
# Done in appearance only: modes, owners, times and attributes of files, which Landlock does not guard. (x86_64, aarch64)
_PRETENDED = {
    "chmod": (90, None),
    "fchmod": (91, 52),
    "fchmodat": (268, 53),
    "fchmodat2": (452, 452),
    "chown": (92, None),
    "fchown": (93, 55),
    "lchown": (94, None),
    "fchownat": (260, 54),
    "utime": (132, None),
    "utimes": (235, None),
    "futimesat": (261, None),
    "utimensat": (280, 88),
    "setxattr": (188, 5),
    "lsetxattr": (189, 6),
    "fsetxattr": (190, 7),
    "removexattr": (197, 14),
    "lremovexattr": (198, 15),
    "fremovexattr": (199, 16),
}
_MACHINES = {"x86_64": (0xC000_003E, 0), "aarch64": (0xC000_00B7, 1)}  # audit architecture, column of _REFUSED


@cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


@cache
def landlock_version() -> int:
    """Return the version of Landlock that the kernel offers, 0 for none."""
    if not LINUX:
        return 0
    return max(0, int(_libc().syscall(444, None, ctypes.c_size_t(0), 1)))


@cache
def can_filter() -> bool:
    """Whether system calls can be filtered here."""
    return LINUX and platform.machine() in _MACHINES and _libc().prctl(21, 0, 0, 0, 0) == 0  # PR_GET_SECCOMP


@cache
def can_separate() -> bool:
    """Whether a process of its own kind of numbering (a pid namespace) may be had unprivileged, as far as is told."""

    def setting(path: str, usual: str) -> str:
        try:
            return Path("/proc/sys", path).read_text(encoding="ascii").strip()
        except OSError:
            return usual

    return (
        LINUX
        and setting("kernel/unprivileged_userns_clone", "1") != "0"
        and setting("kernel/apparmor_restrict_unprivileged_userns", "0") == "0"
        and setting("user/max_user_namespaces", "1") != "0"
    )


def describe() -> tuple[str, ...]:
    """Say in plain sentences which protections are not in force here; nothing when all are."""
    missing = []
    if not landlock_version():
        missing.append("files outside the blog are refused to Python code only: this kernel has no Landlock")
    if not can_filter():
        missing.append("the network is refused to Python code only: this system cannot filter system calls")
    if not can_separate():
        missing.append(
            "processes that a program starts are found and ended one by one: this system allows no pid namespace"
        )
        missing.append(
            "all that a program writes is weighed ten times a second, and so may be too much for a moment: this system"
            " lets a program have no file system of its own"
        )
    if not LINUX:
        missing.append("the memory limit may not hold: this system does not enforce it")
    return tuple(missing)


def separate() -> bool:
    """Give the children of this process their own user and pid namespace: when the first ends, so do all.

    And this process its own view of what is mounted, for `limit_folder`.
    """
    if not LINUX:
        return False
    user, group = os.getuid(), os.getgid()
    if _libc().unshare(_CLONE_NEWUSER | _CLONE_NEWPID | _CLONE_NEWIPC | _CLONE_NEWNS | _CLONE_NEWUTS) != 0:
        return False
    try:
        Path("/proc/self/setgroups").write_bytes(b"deny")
        Path("/proc/self/uid_map").write_bytes(f"{user} {user} 1".encode())
        Path("/proc/self/gid_map").write_bytes(f"{group} {group} 1".encode())
    except OSError:
        pass  # the namespace holds; only the name of the user is not known in it
    _libc().sethostname(b"localhost", 9)  # the machine's own name is nobody's business, and varies
    return True


def limit_folder(folder: str, most: int) -> bool:
    """Let a folder hold at most so many bytes in all, in memory and seen by this process and its children alone.

    Only after `separate`. Returns whether it is so.
    """
    libc = _libc()
    if libc.mount(b"none", b"/", None, _MS_REC | _MS_PRIVATE, None) != 0:
        return False
    options = f"size={most + _PAGE},nr_inodes=1000000,mode=0700".encode()
    return bool(libc.mount(b"tmpfs", os.fsencode(folder), b"tmpfs", _MS_NOSUID | _MS_NODEV, options) == 0)


def adopt_orphans() -> None:
    """Become the parent of every descendant whose own parent ended, so that none can slip away."""
    if LINUX:
        _libc().prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def die_with_parent() -> None:
    """Be killed when the parent is gone."""
    if LINUX:
        _libc().prctl(_PR_SET_PDEATHSIG, 9, 0, 0, 0)


def limit_resources(limits: Mapping[str, float]) -> None:
    """Set the limits that the kernel keeps by itself: address space above what is in use now, file size, no core.

    How many processes there are is counted by the supervisor, ten times a second; until it looks, a fork bomb is slowed
    down: by its priority, by pid_max of its own namespace (Linux 6.14), and by RLIMIT_NPROC, which root does not feel.
    """
    os.nice(10)
    if os.getpid() == 1:
        with contextlib.suppress(OSError):
            Path("/proc/sys/kernel/pid_max").write_bytes(b"400")
        _lower(resource.RLIMIT_NPROC, int(limits["processes"]) + 200)
    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_FSIZE, int(limits["files"]))
    if LINUX:
        in_use = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
        _lower(resource.RLIMIT_AS, in_use + int(limits["memory"]))
    else:
        _lower(resource.RLIMIT_DATA, int(limits["memory"]))


def _lower(kind: int, value: int) -> None:
    try:
        _, hard = resource.getrlimit(kind)
        most = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(kind, (most, most))
    except (ValueError, OSError):
        pass  # this system does not know the limit


def confine(readable: Iterable[str], writable: Iterable[str], listable: Iterable[str]) -> bool:
    """Refuse every file but these (folders with all below them), for good. Returns whether the kernel does."""
    version = landlock_version()
    if not version:
        return False
    libc = _libc()
    everything = _ALL_BY_VERSION[min(version, 5)]
    attributes = struct.pack("=QQQ", everything, 0, _SCOPE if version >= 6 else 0)
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    rules = libc.syscall(444, attributes, ctypes.c_size_t(size), 0)
    if rules < 0:
        return False
    try:
        for paths, rights in (
            (readable, _READ_FILE | _READ_FOLDER | _EXECUTE),
            (writable, everything),
            (listable, _READ_FOLDER),
        ):
            for path in paths:
                _allow(rules, path, rights & everything)
        libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        return bool(libc.syscall(446, rules, 0) == 0)
    finally:
        os.close(rules)


def _allow(rules: int, path: str, rights: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not os.path.isdir(path):  # noqa: PTH112 - one call among many at each start
            rights &= _OF_FILES
        _libc().syscall(445, rules, 1, struct.pack("=Qi", rights, place), 0)
    finally:
        os.close(place)


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def refuse_network() -> bool:
    """Refuse sockets and reaching into other processes, for good. Returns whether the kernel does."""
    if not can_filter():
        return False
    architecture, column = _MACHINES[platform.machine()]
    pretended = {number for numbers in _PRETENDED.values() if (number := numbers[column]) is not None}
    numbers = [*(numbers[column] for numbers in _REFUSED.values()), *sorted(pretended)]
    load, equal, at_least, give = 0x20, 0x15, 0x35, 0x06
    refused, done, allowed = 0x0005_0000 | 13, 0x0005_0000, 0x7FFF_0000
    # Another architecture (32-bit calls on a 64-bit machine) and the x32 numbers would go around the list.
    code = [(load, 0, 0, 4), (equal, 1, 0, architecture), (give, 0, 0, refused), (load, 0, 0, 0)]
    code += [(at_least, len(numbers) + 2, 0, 0x4000_0000)]
    for index, number in enumerate(numbers):
        code.append((equal, len(numbers) - index + (number not in pretended), 0, number))
    code += [(give, 0, 0, allowed), (give, 0, 0, done), (give, 0, 0, refused)]
    packed = b"".join(struct.pack("=HBBI", *line) for line in code)
    libc = _libc()
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    program = _Program(len(code), packed)
    return bool(libc.prctl(_PR_SET_SECCOMP, 2, ctypes.byref(program), 0, 0) == 0)


def readable_paths(root: str, package: str) -> list[str]:
    """Return what every program may read: the interpreter, the system's libraries and tables, what the blog shows."""
    from sitegen.running.watched.observe import is_visible  # noqa: PLC0415 - observe reads the list of packages

    system = "/usr /lib /lib32 /lib64 /bin /sbin /opt/homebrew /System /Library/Fonts"
    tables = "ld.so.cache ld.so.conf ld.so.conf.d localtime timezone fonts passwd group nsswitch.conf os-release mime.types alternatives"
    devices = "null zero full random urandom"
    paths = [sys.prefix, sys.base_prefix, sys.exec_prefix, package, *system.split()]
    paths += [f"/etc/{name}" for name in tables.split()] + [f"/dev/{name}" for name in devices.split()]
    paths += ["/proc/self", "/proc/meminfo", "/proc/cpuinfo", "/proc/stat", "/sys/devices/system/cpu", "/sys/fs/cgroup"]
    paths += [folder for folder in sys.path if folder and Path(folder).is_dir()]
    for entry in os.scandir(root):
        # A link that leads out of the blog would show whatever the author of a pull request points it at.
        if is_visible(entry.name) and os.path.realpath(entry.path).startswith(root + os.sep):
            paths.append(entry.path)
    return paths
