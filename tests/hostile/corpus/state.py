"""Code that changes what it runs in, or searches it for what it should not know."""

from programs import coded
from rows import OK

SEARCH = """
import gc, inspect

def attack():
    names = ("pytest", "_pytest", "pluggy", "pytest_tfgrade.engine", "sklearn")
    found = [name for name in names if sys.modules.get(name) is not None]
    for frame in sys._current_frames().values():
        while frame is not None:
            found += [k for k in frame.f_locals if k in ("targets", "labels", "rubric")]
            frame = frame.f_back
    for thing in gc.get_objects():
        kind = type(thing)
        if "tfgrade" in (getattr(kind, "__module__", None) or ""):
            found.append(kind.__name__)
        if kind is dict and isinstance(thing.get("order"), dict):
            found += [k for k in thing["order"] if k in ("targets", "labels", "rubric")]
    found += [frame.filename for frame in inspect.stack() if "engine" in frame.filename]
    if found:
        raise AssertionError(f"found {found}")
"""

MEMORY = """
import re

def attack():
    sign = re.compile(rb"canary-[a-z]{3,8}-[0-9a-f]{4}")
    with open("/proc/self/maps") as maps, open("/proc/self/mem", "rb", 0) as memory:
        for line in maps.read().splitlines():
            where, rights, _, _, number, *name = line.split()
            start, end = (int(part, 16) for part in where.split("-"))
            if rights[0] != "r" or number != "0" or end - start > 256 << 20:
                continue
            if name and name[0] in ("[vvar]", "[vsyscall]", "[vvar_vclock]"):
                continue
            memory.seek(start)
            found = sign.search(memory.read(end - start))
            if found:
                raise AssertionError("a secret in memory")
"""

NUMPY = """
def attack():
    whole, join = np.asarray, np.concatenate
    np.asarray = np.ascontiguousarray = lambda value, *a, **k: whole(value, *a, **k)
    np.concatenate = lambda parts, *a, **k: join(parts, *a, **k)
    np.frombuffer = np.prod = np.rint = None
    keras.models.load_model = keras.saving.load_model = None
    keras.Model.__call__ = None
    time.monotonic = time.perf_counter = lambda: 0.0
"""

SEQUENCE = """
def attack():
    frames = sys.modules["worker.frames"]
    def send(self, kind, payload=b""):
        self._channel.sendall(frames.pack(kind, 7, payload))
    frames.Writer.send = send
"""

CODES = """
def attack():
    models = sys.modules["worker.models"]
    models.Models.describe = lambda self, error: ("{code}", "our own fault")
    raise ValueError
"""

NO_SUCH_LAYER = """
def attack():
    raise sys.modules["worker.ablation"].UnknownLayerError("digit")
"""

KNOWN = """
def attack():
    failures = sys.modules["worker.failures"]
    raise failures.KnownFailure("source-failed\\nE_INFRA\\n\\x1b[31m")
"""

ENDLESS_ARRAY = """
class Odd:
    shape, dtype, ndim = (40, 10), np.dtype("float32"), 2
    def __array__(self, *args, **kwargs):
        time.sleep(60)

def attack():
    return lambda outputs: Odd()
"""

ODD_ARRAY = """
class Odd(np.ndarray):
    def __array_finalize__(self, other): pass
    def tobytes(self, *args): return b"short"
    def __len__(self): return 1 << 62
    def __getitem__(self, key): return b"x" * 100

class Box:
    def __init__(self, outputs): self.outputs = outputs
    def __array__(self, *args, **kwargs):
        return np.array(self.outputs, np.float32).view(Odd)

def attack():
    return Box
"""

WRITE_INPUTS = """
import fcntl

def inputs():
    for number in range(3, 256):
        try:
            if stat.S_ISREG(os.fstat(number).st_mode):
                yield number
        except OSError:
            continue

def each(act):
    refusal = AssertionError("no inputs to be seen")
    for number in inputs():
        try:
            act(number)
        except OSError as error:
            refusal = error
        else:
            return
    raise refusal

def act_write():
    each(lambda number: os.pwrite(number, b"x", 0))

def act_map():
    each(lambda number: called("mmap", None, 4096, 3, 1, number, 0))

def act_protect():
    def act(number):
        pages = called("mmap", None, 4096, 1, 1, number, 0)
        called("mprotect", pages, 4096, 3)
    each(act)

def act_truncate():
    each(lambda number: os.ftruncate(number, 0))

def act_seal():
    each(lambda number: fcntl.fcntl(number, fcntl.F_ADD_SEALS, 0x1F))

def act_again():
    def act(number):
        again = os.open(f"/proc/self/fd/{number}", os.O_RDWR)
        os.pwrite(again, b"x", 0)
    each(act)

def act_mode():
    each(lambda number: os.fchmod(number, 0o777))
"""

SHARED_STATE = """
import fcntl

def attack():
    for number in range(3, 256):
        try:
            if not stat.S_ISREG(os.fstat(number).st_mode):
                continue
        except OSError:
            continue
        for act in (
            lambda: os.lseek(number, 1 << 40, os.SEEK_SET),
            lambda: fcntl.fcntl(number, fcntl.F_SETFL, os.O_APPEND | os.O_NONBLOCK),
            lambda: fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB),
            lambda: fcntl.lockf(number, fcntl.LOCK_EX | fcntl.LOCK_NB),
            lambda: os.posix_fallocate(number, 0, 1),
            lambda: os.posix_fadvise(number, 0, 0, os.POSIX_FADV_DONTNEED),
        ):
            try:
                act()
            except OSError:
                pass
"""

SETTINGS = """
import tensorflow as tf

def attack():
    keras.utils.set_random_seed(1)
    keras.backend.set_floatx("float64")
    keras.backend.set_image_data_format("channels_first")
    keras.config.disable_traceback_filtering()
    keras.config.enable_unsafe_deserialization()
    keras.saving.get_custom_objects()["Dense"] = Passing
    keras.saving.get_custom_objects()["softmax"] = lambda values: values * 0
    tf.config.run_functions_eagerly(True)
    np.seterr(all="raise")
    np.random.seed(1)
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "0"
    os.umask(0o777)
"""

LEFT_FILES = """
import tempfile

def attack():
    places = (os.getcwd(), tempfile.gettempdir(), os.path.expanduser("~"))
    places += (os.environ.get("KERAS_HOME", "."), os.path.dirname(__file__))
    if any(os.path.exists(os.path.join(p, "left-by-a-model")) for p in places):
        raise AssertionError("another model's file is there")
    for place in places:
        for name in ("left-by-a-model", "keras.json", "numpy.py"):
            try:
                with open(os.path.join(place, name), "w") as file:
                    file.write("raise SystemExit")
            except OSError:
                pass
"""

GRADER = """
def attack():
    try:
        import pytest_tfgrade.engine as engine
    except (ImportError, OSError):
        return
    found = [thing for thing in vars(engine).values() if "hidden" in repr(thing)]
    if found or "pytest" in sys.modules:
        raise AssertionError("the grader's own state")
"""

OWN_PROCESS = "one process for each model, never used again"

ROWS = (
    coded(
        *("P07-search", "searches modules, frames and objects for targets"),
        *(SEARCH, OK),
        by="targets never enter the process; the zygote is not forked from pytest",
    ),
    coded(
        *("P07-memory", "searches all its memory for secrets", MEMORY, OK, "E_POLICY"),
        by="the zygote is not forked from pytest, and has an environment of its own",
    ),
    coded(
        *("P07-numpy", "replaces functions of NumPy, Keras and the clock"),
        *(NUMPY, OK, "E_LOAD"),
        by=OWN_PROCESS,
    ),
    coded(
        *("P07-frames", "replaces the function that sends frames"),
        *(SEQUENCE, "E_PROTOCOL"),
        by="frames are checked on the trusted side",
    ),
    coded(
        *("P07-infra", "claims that the grader is at fault"),
        *(CODES.format(code="E_INFRA"), "E_PROTOCOL", "E_LOAD"),
        by="codes are checked on the trusted side",
    ),
    coded(
        *("P07-missing", "claims that nothing was handed in"),
        *(CODES.format(code="E_MISSING"), "E_PROTOCOL", "E_LOAD"),
        by="codes are checked on the trusted side",
    ),
    coded(
        *("P07-layer", "claims that a check asks for a layer there is not"),
        *(NO_SUCH_LAYER, "E_PROTOCOL", "E_LOAD"),
        by="no such claim counts where no layer was asked for",
    ),
    coded(
        *("P07-known", "raises the worker's own error with a text of its own"),
        *(KNOWN, "E_PROTOCOL", "E_LOAD"),
        by="codes are checked on the trusted side",
    ),
    coded(
        *("P20-array-hangs", "returns what hangs when it becomes an array"),
        *(ENDLESS_ARRAY, "E_TIMEOUT", "E_LOAD"),
        by="wall clock of the child",
    ),
    coded(
        *("P20-array-lies", "returns an array with methods of its own"),
        *(ODD_ARRAY, OK, "E_LOAD", "E_PROTOCOL", "E_OUTPUT_SHAPE", "E_DTYPE"),
        by="bytes are counted on the trusted side",
    ),
    coded(
        *("P21-inputs", "changes the inputs that the next model sees"),
        *(WRITE_INPUTS, "E_POLICY", "E_LOAD"),
        by="sealed pages, opened to be read",
    ),
    coded(
        *("P21-shared", "moves, locks and marks the open inputs that others share"),
        *(SHARED_STATE, OK),
        by="inputs are mapped, never read at a position",
    ),
    coded(
        *("P10-settings", "changes settings of Keras, TensorFlow and NumPy"),
        *(SETTINGS, OK, "E_LOAD"),
        by=OWN_PROCESS,
    ),
    coded(
        *("P10-settings-import", "the same when its module is run"),
        *(SETTINGS.replace("= Passing", "= None"), OK, "E_LOAD"),
        by=OWN_PROCESS,
        at="import",
    ),
    coded(
        *("P10-files", "leaves files where another model could find them"),
        *(LEFT_FILES, OK),
        by="a scratch folder for each model",
        at="build",
    ),
    coded(
        *("P10-files-again", "looks for them, and leaves its own", LEFT_FILES, OK),
        by="a scratch folder for each model",
        at="build",
    ),
    coded(
        *("P22-grader", "imports the grader's own modules", GRADER, OK),
        by="they know nothing in another process",
    ),
)
