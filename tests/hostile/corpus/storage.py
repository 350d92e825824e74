"""Code that fills the disk, the log, or the table of open files.

All is bounded, should the sandbox fail: 300 MB of disk, 20,000 files, 1 GB printed.
"""

from programs import coded
from rows import OK

ONE_LARGE = """
def attack():
    part = os.urandom(1 << 20)
    with open("large", "wb") as file:
        for _ in range(300):
            file.write(part)
"""

SEVERAL = """
def attack():
    part = os.urandom(1 << 20)
    for name in range(30):
        with open(f"large-{name}", "wb") as file:
            for _ in range(10):
                file.write(part)
    time.sleep(1)
"""

MANY_SMALL = """
def attack():
    for name in range(20_000):
        with open(f"small-{name}", "wb") as file:
            file.write(b"x")
    time.sleep(1)
"""

SPARSE = """
def attack():
    with open("sparse", "wb") as file:
        file.truncate(1 << 40)
"""

UNLINKED = """
def attack():
    part, files = os.urandom(1 << 20), []
    for name in range(30):
        files.append(open("unseen", "wb", buffering=0))
        os.unlink("unseen")
        for _ in range(10):
            files[-1].write(part)
    time.sleep(1)
"""

EMPTY = """
def attack():
    for name in range(20_000):
        open(f"empty-{name}", "wb").close()
    time.sleep(1)
"""

UNREADABLE = """
def attack():
    part = os.urandom(1 << 20)
    os.mkdir("unreadable", 0o300)
    for name in range(30):
        with open(f"unreadable/large-{name}", "wb") as file:
            for _ in range(10):
                file.write(part)
    time.sleep(1)
"""

MAPPED = """
import mmap

def attack():
    for name in range(10):
        with open(f"mapped-{name}", "w+b") as file:
            file.truncate(30 << 20)
            with mmap.mmap(file.fileno(), 30 << 20) as pages:
                for start in range(0, 30 << 20, 4096):
                    pages[start] = 1
    time.sleep(1)
"""

DEEP = """
def attack():
    for _ in range(3000):
        os.mkdir("d" * 50)
        os.chdir("d" * 50)
"""

NOT_REMOVABLE = """
def attack():
    for name in range(3):
        os.makedirs(f"closed-{name}/inner")
        with open(f"closed-{name}/inner/file", "w") as file:
            file.write("x")
    os.mkdir("forbidden", 0)
    os.umask(0o777)
    os.mkdir("masked")
    os.symlink("/", "root")
    os.symlink(LABELS, "labels")
    open(b"closed-1/not-utf-8-\\xff\\n\\x1b[31m", "wb").close()
    os.mkfifo("closed-2/pipe")
"""

DESCRIPTORS = """
def attack():
    kept = [os.open("/dev/null", os.O_RDONLY) for _ in range(5000)]
    raise AssertionError(f"{len(kept)} open files")
"""

FLOOD = """
def attack():
    part = {part}
    end = time.monotonic() + 20
    for _ in range((1 << 30) // len(part)):
        if time.monotonic() > end:
            break
        os.write({descriptor}, part)
"""

LINES = FLOOD.format(part='b"PASSED 5/5 points\\n" * 3000', descriptor=1)
ONE_LINE = FLOOD.format(part='b"x" * 65536', descriptor=2)
BINARY = FLOOD.format(part="bytes(range(256)) * 256", descriptor=2)

BOUND = "a small folder in memory, RLIMIT_FSIZE; or the watchdog"
LOG = "a pipe that is read and dropped after 64 KiB"

ROWS = (
    coded(
        *("R07-large", "writes one file of 300 MB", ONE_LARGE, "E_RESOURCE"),
        by=BOUND,
    ),
    coded(
        *("R07-several", "writes 30 files of 10 MB", SEVERAL, "E_RESOURCE"),
        by=BOUND,
    ),
    coded(
        *("R07-many", "writes 20,000 small files", MANY_SMALL, "E_RESOURCE"),
        by=BOUND,
    ),
    coded(
        *("R07-sparse", "makes a file of 1 TB with a hole", SPARSE, "E_RESOURCE"),
        by="RLIMIT_FSIZE",
    ),
    coded(
        *("R07-unlinked", "writes 300 MB to files that no folder shows"),
        *(UNLINKED, "E_RESOURCE"),
        by=BOUND,
    ),
    coded(
        *("R07-empty", "makes 20,000 empty files", EMPTY, "E_RESOURCE"),
        by="a small folder in memory; or the watchdog, which counts files, too",
    ),
    coded(
        *("R07-unreadable", "writes 300 MB where only it can look", UNREADABLE),
        *("E_RESOURCE",),
        by=BOUND,
    ),
    coded(
        *("R07-mapped", "writes 300 MB through pages of files with holes"),
        *(MAPPED, "E_RESOURCE", "E_CRASH"),  # a full disk is SIGBUS
        by=BOUND,
    ),
    coded(
        *("R07-quiet", "writes 300 MB, swallows the refusal and predicts"),
        *(SEVERAL, OK, "E_RESOURCE"),
        by=BOUND,
        quietly=True,
    ),
    coded(
        *("R22-deep", "makes folders 3,000 deep, which a plain rmtree cannot remove"),
        *(DEEP, OK, "E_RESOURCE"),
        by="the folder in memory ends with the child; removal that does not recurse",
    ),
    coded(
        *("R22-closed", "leaves folders without rights, links and a pipe"),
        *(NOT_REMOVABLE, OK, "E_POLICY"),
        by="the folder in memory ends with the child; removal that opens what it may",
    ),
    coded(
        *("R29-descriptors", "opens 5,000 files", DESCRIPTORS, "E_RESOURCE"),
        by="RLIMIT_NOFILE",
    ),
    coded(
        *("R08-lines", "prints 1 GB of lines", LINES, OK, "E_TIMEOUT"),
        by=LOG,
    ),
    coded(
        *("R08-one-line", "prints 1 GB without a line end", ONE_LINE, OK, "E_TIMEOUT"),
        by=LOG,
    ),
    coded(
        *("R08-binary", "prints 1 GB of all bytes there are", BINARY, OK, "E_TIMEOUT"),
        by=LOG,
    ),
)
