"""Code that has hidden data told to the candidate.

C01 (a memorised table), C02 (position in the batch) and C04 (not the same twice) are
models that cheat, and not hostile: ``tests/cheats`` has ``upright``, ``batch_mean``,
``row_before`` and ``remembers``, and says which check finds them out.
"""

from programs import coded
from rows import OK

RAISE = """
def attack():
    import gc
    def tell(outputs):
        arrays = [a for a in gc.get_objects() if isinstance(a, np.ndarray)]
        arrays.sort(key=lambda array: array.size == 40 * 64, reverse=True)
        raise ValueError(str([a.ravel()[:50].tolist() for a in arrays][:50]))
    return tell
"""

OWN_TYPE = """
def attack():
    def tell(outputs):
        name = "E" + "_".join(str(v) for v in np.asarray(outputs).ravel()[:50].tolist())
        raise type(name, (Exception,), {})(name)
    return tell
"""

PRINT = """
def attack():
    def tell(outputs):
        print(np.asarray(outputs).tolist(), flush=True)
        print(np.asarray(outputs).tolist(), file=sys.stderr, flush=True)
        return outputs
    return tell
"""

OWN_CODE = """
def attack():
    failures = sys.modules["worker.failures"]
    def tell(outputs):
        raise failures.KnownFailure(str(np.asarray(outputs).tolist()))
    return tell
"""

FOR_THE_GRADER = "texts of models are for the grader; candidates read the grader's own"

ROWS = (
    coded(
        *("C05-raise", "raises an error with hidden inputs in its text"),
        *(RAISE, "E_LOAD"),
        by=FOR_THE_GRADER,
    ),
    coded(
        *("C05-type", "raises an error with hidden inputs in the name of its class"),
        *(OWN_TYPE, "E_LOAD"),
        by=FOR_THE_GRADER,
    ),
    coded(
        *("C05-code", "raises the worker's own error with hidden inputs in it"),
        *(OWN_CODE, "E_LOAD", "E_PROTOCOL"),
        by=FOR_THE_GRADER,
    ),
    coded(
        *("C05-print", "prints hidden inputs", PRINT, OK),
        by=FOR_THE_GRADER,
    ),
)
