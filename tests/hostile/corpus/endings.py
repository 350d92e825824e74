"""Code that ends its process, disturbs others, outlives its end, or lies in errors.

A signal that would reach more than this run's own zygote is signal 0, which asks only.
"""

from programs import coded
from rows import OK

SEGFAULT = """
def attack():
    ctypes.string_at(1)
"""

ABORT = """
def attack():
    os.abort()
"""

LEAVE = """
def attack():
    os._exit(0)
"""

SYSTEM_EXIT = """
def attack():
    sys.exit(0)
"""

INTERRUPT = """
def attack():
    raise KeyboardInterrupt
"""

RECURSION = """
def attack():
    attack()
"""

RECURSION_IN_C = """
def attack():
    sys.setrecursionlimit(1 << 30)
    kind = ctypes.CFUNCTYPE(None)
    deeper = kind(lambda: deeper())
    deeper()
"""

ALARM = """
def attack():
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, 0.01)
    time.sleep(60)
"""

ILLEGAL = """
def attack():
    os.kill(os.getpid(), signal.SIGILL)
    time.sleep(60)
"""

DUMP = """
import faulthandler

def attack():
    for number in range(3, 256):
        try:
            is_channel = stat.S_ISSOCK(os.fstat(number).st_mode)
        except OSError:
            continue
        if is_channel:
            faulthandler.dump_traceback_later(0.1, exit=True, file=number)
            time.sleep(60)
"""

ENDS = (
    coded(
        *("R09-segfault", "reads at address 1", SEGFAULT, "E_CRASH"),
        by="a process of its own",
        says="SIGSEGV",
    ),
    coded(
        *("R09-abort", "aborts", ABORT, "E_CRASH"),
        by="a process of its own",
        says="SIGABRT",
    ),
    coded(
        *("R09-exit", "ends its process with status 0", LEAVE, "E_CRASH"),
        by="no result without an end on the channel",
        says="in the phase '[a-z]+'$",
    ),
    coded(
        *("R09-exit-import", "the same when its module is run", LEAVE, "E_CRASH"),
        by="no result without an end on the channel",
        at="import",
        says="in the phase '[a-z]+'$",
    ),
    coded(
        *("R09-sys-exit", "calls sys.exit(0)", SYSTEM_EXIT, "E_LOAD", "E_CRASH"),
        by="any exception is the model's",
    ),
    coded(
        *("R09-sys-exit-import", "the same when its module is run"),
        *(SYSTEM_EXIT, "E_LOAD", "E_CRASH"),
        by="any exception is the model's",
        at="import",
    ),
    coded(
        *("R09-interrupt", "raises KeyboardInterrupt", INTERRUPT, "E_LOAD"),
        by="any exception is the model's",
    ),
    coded(
        *("R09-recursion", "calls itself for ever", RECURSION, "E_LOAD", "E_CRASH"),
        by="any exception is the model's",
    ),
    coded(
        *("R09-stack", "calls itself through C for ever", RECURSION_IN_C),
        *("E_CRASH", "E_MEMORY"),
        by="a process of its own",
    ),
    coded(
        *("R09-alarm", "has a timer end it", ALARM, "E_CRASH"),
        by="a process of its own",
        says="SIGALRM",
    ),
    coded(
        *("R09-illegal", "sends itself SIGILL", ILLEGAL, "E_CRASH"),
        by="a process of its own",
        says="SIGILL",
    ),
    coded(
        *("R28-faulthandler", "has the interpreter dump its stack on the channel"),
        *(DUMP, "E_PROTOCOL"),
        by="frames are checked byte by byte",
    ),
)

SIGNALS = """
PARENT, IS_X86 = os.getppid(), os.uname().machine == "x86_64"

def act_kill_parent():
    os.kill(PARENT, 0)

def act_kill_everybody():
    os.kill(-1, 0)

def act_kill_own_group():
    os.kill(0, 0)

def act_killpg():
    os.killpg(os.getpgid(PARENT) if PARENT else 0, 0)

def act_tgkill():
    called("syscall", 234 if IS_X86 else 131, PARENT, PARENT, 0)

def act_tkill():
    called("syscall", 200 if IS_X86 else 130, PARENT, 0)

def act_sigqueue():
    called("sigqueue", PARENT, 0, 0)

def act_pidfd():
    signal.pidfd_send_signal(os.pidfd_open(PARENT), 0)
"""

KILL = """
def attack():
    parent = os.getppid()
    if parent > 1:
        os.kill(parent, signal.SIGKILL)
"""

KILL_LATER = """
import fcntl

def attack():
    parent = os.getppid()
    ours, theirs = socket.socketpair()
    fcntl.fcntl(ours, fcntl.F_SETOWN, parent)
    fcntl.fcntl(ours, 10, signal.SIGKILL)  # F_SETSIG
    fcntl.fcntl(ours, fcntl.F_SETFL, os.O_ASYNC | os.O_NONBLOCK)
    theirs.send(b"x")
    raise AssertionError("a signal to the parent")
"""

OTHERS = """
PARENT = os.getppid()

class Limit(ctypes.Structure):
    _fields_ = [("soft", ctypes.c_ulong), ("hard", ctypes.c_ulong)]

def act_priority():
    os.setpriority(os.PRIO_PROCESS, PARENT, 19)

def act_affinity():
    os.sched_setaffinity(PARENT, {0})

def act_scheduler():
    os.sched_setscheduler(PARENT, os.SCHED_IDLE, os.sched_param(0))

def act_limits():
    called("prlimit", PARENT, 7, ctypes.byref(Limit(16, 16)), None)

def act_own_limits():
    called("prlimit", 0, 7, ctypes.byref(Limit(1 << 16, 1 << 16)), None)

def act_real_time():
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))

def act_session():
    os.setsid()

def act_group():
    os.setpgid(0, os.getpgid(PARENT))

def act_outlive_parent():
    called("prctl", 1, 0, 0, 0, 0)

def act_adopt():
    called("prctl", 36, 1, 0, 0, 0)

def act_not_dumpable():
    called("prctl", 4, 0, 0, 0, 0)

def act_more_rights_later():
    called("prctl", 28, 0, 0, 0, 0)
"""

NAMES = """
def attack():
    for name in (b"x\\x1cThreads:1", b"x\\nPPid:\\t1", b")) R 1 1 (", b"\\x1b[31m"):
        called("prctl", 15, name, 0, 0, 0)
        time.sleep(0.15)
"""

OTHER_PROCESSES = (
    coded(
        *("R10", "sends signals to its parent, groups and everybody"),
        *(SIGNALS, "E_POLICY"),
        by="seccomp: signals to itself alone",
    ),
    coded(
        *("R10-quiet", "the same, swallows the refusals and predicts", SIGNALS, OK),
        by="seccomp: signals to itself alone",
        quietly=True,
    ),
    coded(
        *("R10-sigkill", "kills its parent", KILL, "E_POLICY"),
        by="seccomp: signals to itself alone",
    ),
    coded(
        *("R23-kill-later", "has the kernel kill its parent when data arrives"),
        *(KILL_LATER, "E_POLICY"),
        by="seccomp: F_SETOWN and F_SETSIG",
    ),
    coded(
        *("R32-name", "gives its process names that look like lines of /proc"),
        *(NAMES, OK),
        by="lines of /proc are read with care",
    ),
    coded(
        *("R21-others", "changes priority, limits and group of itself and its parent"),
        *(OTHERS, "E_POLICY"),
        by="seccomp: scheduling and limits of others, setsid, prctl; no capabilities",
    ),
    coded(
        *("R21-quiet", "the same, swallows the refusals and predicts", OTHERS, OK),
        by="seccomp: scheduling and limits of others, setsid, prctl; no capabilities",
        quietly=True,
    ),
)

URGENT = """
def attack():
    for number in range(3, 256):
        try:
            is_channel = stat.S_ISSOCK(os.fstat(number).st_mode)
        except OSError:
            continue
        if is_channel:
            channel = socket.socket(fileno=number)
            channel.send(b"x", socket.MSG_OOB)
            time.sleep(30)
"""

STOLEN = """
def attack():
    log = os.open("/proc/self/fd/1", os.O_RDONLY | os.O_NONBLOCK)
    end = time.monotonic() + 2
    while time.monotonic() < end:
        os.write(1, b"x")
        try:
            os.read(log, 1 << 16)
        except BlockingIOError:
            pass
    time.sleep(30)
"""

LEFT_THREAD = """
def attack():
    threading.Thread(target=time.sleep, args=(60,)).start()
"""

LEFT_HOOKS = """
import atexit, weakref

class Late:
    def __del__(self):
        time.sleep(60)

late = Late()
late.itself = late

def attack():
    atexit.register(time.sleep, 60)
    weakref.finalize(late, time.sleep, 60)
    threading._register_atexit(time.sleep, 60)
    for number in (signal.SIGTERM, signal.SIGXCPU, signal.SIGHUP):
        signal.signal(number, lambda *_: time.sleep(60))
"""

NO_EXIT = """
def attack():
    os._exit = lambda status: time.sleep(60)
"""

WRITES_LATER = """
def attack():
    def disturb():
        module = sys.modules["worker.frames"]
        send = module.Writer.send
        def send_more(self, kind, payload=b""):
            send(self, kind, payload)
            if kind == module.END:
                self._channel.sendall(b"more" * 100_000)
                time.sleep(60)
        module.Writer.send = send_more
    disturb()
"""

AFTER = (
    coded(
        *("R33-urgent", "sends urgent data, for which a reader waits in vain"),
        *(URGENT, "E_TIMEOUT", "E_POLICY"),
        by="the channel is read without waiting; seccomp: MSG_OOB",
    ),
    coded(
        *("R33-stolen", "reads back what it prints before a reader can"),
        *(STOLEN, "E_TIMEOUT", "E_POLICY"),
        by="the log is read without waiting",
    ),
    coded(
        *("R11-thread", "leaves a thread that is at work for a minute"),
        *(LEFT_THREAD, OK),
        by="the child is killed once its result is there",
    ),
    coded(
        *("R11-hooks", "leaves exit hooks, finalizers and signal handlers that hang"),
        *(LEFT_HOOKS, OK),
        by="no exit handlers; the child is killed once its result is there",
    ),
    coded(
        *("R11-no-exit", "takes away the function that ends its process"),
        *(NO_EXIT, OK),
        by="the child is killed once its result is there",
    ),
    coded(
        *("R11-more", "goes on writing to the channel after the end"),
        *(WRITES_LATER, OK),
        by="nothing after the end is read",
    ),
)

WITH_TEXT = """
class Odd(Exception):
    def __str__(self):
        {text}
    __repr__ = __str__

def attack():
    raise Odd
"""

CYCLE = """
def attack():
    one, other = ValueError("one"), KeyError("other")
    one.__context__, other.__context__ = other, one
    one.__cause__, other.__cause__ = other, one
    raise one
"""

LONG_CHAIN = """
def attack():
    error = ValueError("first")
    for _ in range(20_000):
        later = ValueError("later")
        later.__cause__ = error
        error = later
    raise error
"""

NESTED_GROUP = """
def attack():
    error = ValueError("first")
    for _ in range(5_000 if sys.version_info >= (3, 11) else 0):
        error = ExceptionGroup("more", [error])
    raise error
"""

LYING_CLASS = """
class Odd(Exception):
    __class__ = property(lambda self: {}[time.sleep(60)])

def attack():
    raise Odd
"""

FORGED_LINES = """
def attack():
    for path in (SECRET, LABELS):
        exec(compile("raise ValueError('see above')", path, "exec"))
"""

ERRORS = (
    coded(
        *("R31-text-raises", "raises what cannot be printed"),
        *(WITH_TEXT.format(text="return str(self)"), "E_LOAD"),
        by="errors are described with care, in the child",
    ),
    coded(
        *("R31-text-large", "raises with a text of 200 MB"),
        *(WITH_TEXT.format(text="return 'x ' * 100_000_000"), "E_LOAD", "E_MEMORY"),
        *("E_TIMEOUT",),
        by="errors are described with care, in the child; 4 KiB of them are read",
    ),
    coded(
        *("R31-text-controls", "raises with ESC, line ends and others in its text"),
        WITH_TEXT.format(
            text=r'return "\x1b]8;;http://x\x07\x1b[2J\r\n::error::\x00\x9b31m\u202e"'
        ),
        "E_LOAD",
        by="texts of models are for the grader, and escaped",
    ),
    coded(
        *("R31-text-hangs", "raises what takes for ever to print"),
        *(WITH_TEXT.format(text="time.sleep(60)"), "E_TIMEOUT"),
        by="wall clock of the child",
    ),
    coded(
        *("R31-text-exits", "raises what ends the process when it is printed"),
        *(WITH_TEXT.format(text="os._exit(0)"), "E_CRASH"),
        by="no result without an end on the channel",
    ),
    coded(
        *("R31-cycle", "raises an error that is its own cause", CYCLE),
        *("E_LOAD", "E_CRASH"),
        by="chains of errors are followed for some steps",
    ),
    coded(
        *("R31-chain", "raises an error with 20,000 causes", LONG_CHAIN),
        *("E_LOAD", "E_CRASH"),
        by="chains of errors are followed for some steps",
    ),
    coded(
        *("R31-group", "raises groups of errors 5,000 deep", NESTED_GROUP),
        *("E_LOAD", "E_CRASH"),
        by="errors are described with care, in the child",
    ),
    coded(
        *("R31-class", "raises what hangs when it is asked for its class"),
        *(LYING_CLASS, "E_LOAD", "E_TIMEOUT"),
        by="wall clock of the child",
    ),
    coded(
        *("R31-lines", "has hidden files quoted in a traceback"),
        *(FORGED_LINES, "E_LOAD"),
        by="the child cannot read them",
    ),
)

ROWS = (*ENDS, *OTHER_PROCESSES, *AFTER, *ERRORS)
