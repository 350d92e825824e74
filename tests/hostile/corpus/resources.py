"""Code that uses up time, processes, memory or disk, or ends where it may not.

All is bounded, should the sandbox fail: 50 processes of 20 s, 300 MB of disk, 3 GB of
memory, 1,000 threads.
"""

from programs import coded
from rows import OK

BUSY = "still busy after|of CPU time"

SPIN = """
def attack():
    for number in (signal.SIGXCPU, signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    while time.monotonic() < STARTED + 60:
        pass

STARTED = time.monotonic()
"""

SPIN_IN_C = """
import re

def attack():
    re.match(r"(a+)+$", "a" * 60 + "b")  # holds the GIL
"""

SPIN_IN_THREADS = """
import hashlib

def attack():
    work = lambda: hashlib.pbkdf2_hmac("sha256", b"", b"", 1 << 27)
    for _ in range(4):
        threading.Thread(target=work, daemon=True).start()
    work()
"""

SLEEP = """
def attack():
    time.sleep(60)
"""

STOP = """
def attack():
    signal.alarm(60)
    os.kill(os.getpid(), signal.SIGSTOP)
    time.sleep(60)
"""

CLOCK = "wall clock and CPU time of the child"

TIME = (
    coded(
        *("R01-python", "computes for ever, deaf to all signals"),
        *(SPIN, "E_TIMEOUT"),
        by=CLOCK,
        says=f"({BUSY}).*'predict'",
    ),
    coded(
        *("R01-c", "computes for ever in C, and holds the GIL"),
        *(SPIN_IN_C, "E_TIMEOUT"),
        by=CLOCK,
        says=f"({BUSY}).*'predict'",
    ),
    coded(
        *("R01-threads", "computes for ever in four threads"),
        *(SPIN_IN_THREADS, "E_TIMEOUT"),
        by=CLOCK,
        says=f"({BUSY}).*'predict'",
    ),
    coded(
        *("R02-import", "sleeps for ever when its module is run"),
        *(SLEEP, "E_TIMEOUT"),
        by=CLOCK,
        at="import",
        says="still busy after 4 s, in the phase 'load'",
    ),
    coded(
        *("R02-build", "sleeps for ever when it builds its model"),
        *(SLEEP, "E_TIMEOUT"),
        by=CLOCK,
        at="build",
        says="still busy after 4 s, in the phase 'load'",
    ),
    coded(
        *("R02-config", "sleeps for ever when its layer is made from a saved model"),
        *(SLEEP, "E_TIMEOUT"),
        by=CLOCK,
        at="config",
        says="still busy after 4 s, in the phase 'load'",
    ),
    coded(
        *("R02-predict", "sleeps for ever when it is called"),
        *(SLEEP, "E_TIMEOUT"),
        by=CLOCK,
        says="still busy after 4 s, in the phase 'predict'",
    ),
    coded(
        *("R20-stop", "stops its own process with SIGSTOP"),
        *(STOP, "E_TIMEOUT"),
        by="wall clock of the child; SIGKILL ends a stopped process, too",
        says="still busy after 4 s",
    ),
)

FORK_BOMB = """
def attack():
    for _ in range(50):
        if os.fork() == 0:
            time.sleep(20)
            os._exit(0)
"""

PROGRAMS = """
import multiprocessing, subprocess

TOUCH = ["/usr/bin/touch", MARKER]

def ended(pid):
    if pid == 0:
        os._exit(0)

def act_fork():
    ended(os.fork())

def act_forkpty():
    ended(os.forkpty()[0])

def act_vfork():
    called("syscall", {"x86_64": 58}.get(os.uname().machine, -1))

def act_clone3():
    order = (ctypes.c_uint64 * 8)(0, 0, 0, 0, signal.SIGCHLD)
    ended(called("syscall", 435, ctypes.byref(order), 64))

def act_multiprocessing():
    multiprocessing.get_context("fork").Process(target=time.sleep, args=(0,)).start()

def act_spawn():
    multiprocessing.get_context("spawn").Process(target=time.sleep, args=(0,)).start()

def act_subprocess():
    subprocess.run(TOUCH, check=True)

def act_shell():
    if os.system(f"touch {MARKER}"):
        raise PermissionError(errno.EPERM, "no shell")

def act_posix_spawn():
    os.posix_spawn(TOUCH[0], TOUCH, {})

def act_exec():
    os.execv(TOUCH[0], TOUCH)

def act_exec_itself():
    os.execv("/proc/self/exe", ["python", "-c", f"open({MARKER!r}, 'w')"])

def act_exec_own_file():
    with open("program", "w") as file:
        file.write(f"#!/bin/sh\\ntouch {MARKER}\\n")
    os.execv("./program", ["program"])

def act_exec_file_in_memory():
    called("fexecve", os.open(sys.executable, os.O_RDONLY), None, None)
"""

THREADS = """
def attack():
    threading.stack_size(32 << 10)
    free = threading.Event()
    try:
        for _ in range(1000):
            threading.Thread(target=free.wait, args=(20,), daemon=True).start()
        time.sleep(1)
        raise AssertionError("as many threads as it wants")
    finally:
        free.set()
"""

NO_FORK = "seccomp: fork, clone of a process, clone3 and execve"
THREAD_BOUND = "RLIMIT_NPROC of a user of its own, or the watchdog"

PROCESSES = (
    coded(
        *("R03", "starts processes and programs in a dozen ways"),
        *(PROGRAMS, "E_POLICY"),
        by=NO_FORK,
    ),
    coded(
        *("R03-import", "the same when its module is run", PROGRAMS, "E_POLICY"),
        by=NO_FORK,
        at="import",
    ),
    coded(
        *("R03-build", "the same when it builds its model", PROGRAMS, "E_POLICY"),
        by=NO_FORK,
        at="build",
    ),
    coded(
        *("R03-config", "the same when its layer is made from a saved model"),
        *(PROGRAMS, "E_POLICY"),
        by=NO_FORK,
        at="config",
    ),
    coded(
        *("R03-quiet", "the same, swallows the refusals and predicts", PROGRAMS, OK),
        by=NO_FORK,
        quietly=True,
    ),
    coded(
        *("R03-bomb", "forks again and again", FORK_BOMB, "E_POLICY"),
        by=NO_FORK,
    ),
    coded(
        *("R04", "starts a thousand threads with small stacks"),
        *(THREADS, "E_RESOURCE"),
        by=THREAD_BOUND,
    ),
    coded(
        *("R04-quiet", "the same, swallows the refusal and predicts"),
        *(THREADS, OK, "E_RESOURCE"),
        by=THREAD_BOUND,
        quietly=True,
    ),
)

LARGE_BYTES = """
def attack():
    parts = [bytearray(os.urandom(1)) * (64 << 20) for _ in range(48)]
    raise AssertionError(f"{len(parts)} parts of 64 MB")
"""

LARGE_ARRAY = """
def attack():
    raise AssertionError(f"{np.ones((3 << 30,), np.uint8).size} bytes")
"""

LARGE_TENSOR = """
import tensorflow as tf

def attack():
    parts = [tf.ones((64 << 18,), tf.float32) + k for k in range(48)]
    raise AssertionError(f"{len(parts)} parts of 64 MB")
"""

PRIVATE_PAGES = """
import mmap

def attack():
    kind = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS
    parts = [mmap.mmap(-1, 64 << 20, flags=kind) for _ in range(48)]
    for part in parts:
        part.write(b"x" * (64 << 20))
    raise AssertionError(f"{len(parts)} parts of 64 MB")
"""

SHARED_PAGES = """
import mmap

def act_anonymous():
    mmap.mmap(-1, 4096).close()

def act_file_in_memory():
    os.close(os.memfd_create("more"))

def act_shm_open():
    from multiprocessing import shared_memory
    more = shared_memory.SharedMemory(create=True, size=4096)
    more.close()
    more.unlink()

def act_system_v():
    called("shmctl", called("shmget", 0, 4096, 0o1600), 0, None)

def act_dev_shm():
    with open("/dev/shm/tfgrade-row", "wb"):
        os.unlink("/dev/shm/tfgrade-row")
"""

PIPES = """
import fcntl

def attack():
    full, parts = b"x" * (1 << 20), []
    for _ in range(300):
        ours, theirs = os.pipe()
        os.set_blocking(theirs, False)
        try:
            fcntl.fcntl(theirs, 1031, 1 << 20)  # F_SETPIPE_SZ
        except PermissionError:
            pass  # a user may have so much in pipes and no more
        os.write(theirs, full)
        parts.append((ours, theirs))
    raise AssertionError(f"{len(parts)} pipes")
"""

PIPES_IN_FLIGHT = """
import fcntl

def attack():
    ours, theirs = socket.socketpair()
    theirs.setblocking(False)
    for _ in range(300):
        pipe = os.pipe()
        os.set_blocking(pipe[1], False)
        os.write(pipe[1], b"x" * (1 << 16))
        try:
            socket.send_fds(theirs, [b"x"], pipe)
        except OSError as error:
            if error.errno not in (errno.EAGAIN, errno.ETOOMANYREFS):
                raise
            break
        os.close(pipe[0])
        os.close(pipe[1])
"""

MEMORY = (
    coded(
        *("R05-bytearray", "takes 3 GB, 64 MB at a time"),
        *(LARGE_BYTES, "E_MEMORY"),
        by="RLIMIT_AS",
    ),
    coded(
        *("R05-numpy", "takes 3 GB at once in an array"),
        *(LARGE_ARRAY, "E_MEMORY"),
        by="RLIMIT_AS",
    ),
    coded(
        *("R05-tensor", "takes 3 GB in tensors"),
        *(LARGE_TENSOR, "E_MEMORY"),
        by="RLIMIT_AS",
    ),
    coded(
        *("R05-pages", "maps 3 GB of private pages"),
        *(PRIVATE_PAGES, "E_MEMORY"),
        by="RLIMIT_AS",
    ),
    coded(
        *("R05-import", "takes 3 GB when its module is run"),
        *(LARGE_BYTES, "E_MEMORY"),
        by="RLIMIT_AS",
        at="import",
    ),
    coded(
        *("R05-quiet", "takes 3 GB, swallows the refusal and predicts"),
        *(LARGE_BYTES, OK),
        by="RLIMIT_AS",
        quietly=True,
    ),
    coded(
        *("R05-shared", "takes shared memory, which no limit of a process counts"),
        *(SHARED_PAGES, "E_POLICY"),
        by="seccomp: shared pages, memfd_create, shmget; no /dev/shm",
    ),
    coded(
        *("R05-pipes", "fills pipes, whose memory is the kernel's"),
        *(PIPES, "E_RESOURCE"),
        by="RLIMIT_NOFILE, and the kernel's bound on a user's pipes",
    ),
    coded(
        *("R05-in-flight", "sends full pipes to itself, where they count as closed"),
        *(PIPES_IN_FLIGHT, OK, "E_RESOURCE", "E_POLICY"),
        by="the kernel's bounds on descriptors in flight and on a user's pipes",
    ),
)

ROWS = (*TIME, *PROCESSES, *MEMORY)
