"""Code that disturbs or forges what its process sends to the trusted side.

It finds what it needs as any code in the process can: in the frames of its callers.
"""

from programs import coded
from rows import OK, Row

from pytest_tfgrade.runner.worker import frames

LIES = """
REPORT = '<testsuite tests="1"><testcase name="digits"/></testsuite>'
GRADES = '{"schema": 1, "submissions": [{"id": "hostile", "points": 5}]}'

def attack():
    for stream in (sys.stdout, sys.stderr):
        print("PASSED digits::accuracy\\n===== 5 passed in 0.01s =====", file=stream)
        print(REPORT, GRADES, sep="\\n", file=stream)
        print("::set-output name=points::5\\n##[endgroup]ok 1 - digits", file=stream)
        print("\\x1b]0;owned\\x07\\x1b[2J\\x1b[1;1H\\u202e5/5\\r5/5", file=stream)
        stream.flush()
    for name, text in (("junit.xml", REPORT), ("grades.json", GRADES)):
        try:
            with open(name, "w") as file:
                file.write(text)
        except OSError:
            pass
"""

SPEAKING = f"""
import struct

STARTED, LOADED, ARRAY, DATA, DOCUMENT, ERROR, END, PREDICTED = range(1, 9)


def runner():
    \"\"\"Return the order and the writer of whoever runs this code.\"\"\"
    frame = sys._getframe()
    while not {{"order", "writer"}} <= frame.f_locals.keys():
        frame = frame.f_back
    return frame.f_locals["order"], frame.f_locals["writer"]


def send(kind, payload=b"", length=None):
    \"\"\"Send a frame that is next in order, whatever length it states.\"\"\"
    _, writer = runner()
    stated = len(payload) if length is None else length
    start = ({frames.MAGIC!r}, {frames.VERSION}, kind, writer._sequence % 65536)
    head = struct.pack(">4sBBHQ", *start, stated)
    writer._sequence += 1
    writer._channel.sendall(head + payload)


def announce(shape, dtype=1, name=b"0", axes=None):
    \"\"\"Send the header of an array.\"\"\"
    axes = len(shape) if axes is None else axes
    send(ARRAY, struct.pack(f">BB{{len(shape)}}Q", dtype, axes, *shape) + name)


def rows():
    return runner()[0]["inputs"][0]["shape"][0]


def forge(step=1 << 20):
    \"\"\"Send a result for every pass: all rows are of class 3.\"\"\"
    data = np.eye(10, dtype=np.float32)[[3] * rows()].tobytes()
    for _ in runner()[0]["passes"]:
        announce((rows(), 10))
        for start in range(0, len(data), step):
            send(DATA, data[start : start + step])
        send(PREDICTED)


def linger():
    time.sleep(60)
"""

FRAMES = "the decoder's rules for frames"
SHAPES = "the contract, asked before any data are read"
OWN = "it can only forge predictions, and these are its own"
CLAIMED = "the few codes that a child may claim"
ENDS = "an end without an end frame is a crash; wall clock"


def _speaks(  # noqa: PLR0913 - a row, and how its code is run
    id: str,  # noqa: A002 - as the row calls it
    vector: str,
    act: str,
    *expected: str,
    by: str = FRAMES,
    at: str = "import",
    says: str = "",
) -> Row:
    """Return a row whose code does what the lines of ``act`` say, as an attack."""
    body = "".join(f"    {line}\n" for line in act.strip().splitlines())
    text = f"{SPEAKING}\n\ndef attack():\n{body}"
    return coded(id, vector, text, *expected, by=by, at=at, says=says)


DISTURBED = "disturbed the channel"

ALL_DESCRIPTORS = """
for number in range(256):
    try:
        os.write(number, {text})
    except OSError:
        pass
linger()
"""

NOISE = (
    coded(
        *("P01", "prints and writes reports of its own, with escape sequences"),
        *(LIES, OK),
        by="what a child prints or writes is never parsed",
    ),
    coded(
        *("P01-import", "the same when its module is run", LIES, OK),
        by="what a child prints or writes is never parsed",
        at="import",
    ),
    _speaks(
        *("P02-garbage", "writes garbage to all descriptors from 0 to 255"),
        *(ALL_DESCRIPTORS.format(text='b"PASSED\\n" * 1000'), "E_PROTOCOL"),
        says=DISTURBED,
    ),
    _speaks(
        *("P02-frames", "writes an end frame to all descriptors from 0 to 255"),
        *(ALL_DESCRIPTORS.format(text=repr(frames.pack(frames.END, 1))), "E_PROTOCOL"),
        says=DISTURBED,
    ),
    _speaks(
        *("P02-predict", "writes garbage to all descriptors when it is called"),
        *(ALL_DESCRIPTORS.format(text='b"PASSED\\n" * 1000'), "E_PROTOCOL"),
        at="predict",
        says=DISTURBED,
    ),
    _speaks(
        *("P02-descriptors", "sends its descriptors along with its result"),
        'socket.send_fds(runner()[1]._channel, [b"x" * 99], [0, 1, 2])\nlinger()',
        *("E_PROTOCOL", "E_POLICY"),
    ),
)

BYTES = (
    _speaks(
        *("P03-length", "states a frame of 2^63 bytes"),
        *("send(DATA, b'x', 1 << 63)\nlinger()", "E_PROTOCOL"),
        says=DISTURBED,
    ),
    _speaks(
        *("P03-error-length", "states an error text of 4 GiB"),
        *("send(ERROR, b'x', 1 << 32)\nlinger()", "E_PROTOCOL"),
        says=DISTURBED,
    ),
    _speaks(
        *("P03-axes", "states an array of 255 axes"),
        *("announce((1,) * 400, axes=255)\nlinger()", "E_PROTOCOL"),
        says=DISTURBED,
    ),
    _speaks(
        *("P03-dtype", "states an array of a dtype that there is not"),
        *("announce((rows(), 10), dtype=200)\nlinger()", "E_PROTOCOL"),
        says=DISTURBED,
    ),
    _speaks(
        *("P03-product", "states sizes whose product overflows 64 bits"),
        *("announce((rows(), 1 << 32, (1 << 32) + 1))\nlinger()", "E_OUTPUT_SHAPE"),
        by=SHAPES,
        says="far larger than the task asks for",
    ),
    _speaks(
        *("P03-rows", "states 2^63 rows"),
        *("announce((1 << 63, 10))\nlinger()", "E_OUTPUT_SHAPE"),
        by=SHAPES,
        says="far too many rows",
    ),
    _speaks(
        *("P03-zero", "states sizes that hold nothing, and one that cannot be"),
        *("announce((rows(), 0, 1 << 63))\nlinger()", "E_OUTPUT_SHAPE"),
        by=SHAPES,
    ),
    _speaks(
        *("P03-short", "sends no data and says that the pass is complete"),
        "announce((rows(), 10))\nsend(PREDICTED)\nlinger()",
        "E_PROTOCOL",
        says=DISTURBED,
    ),
    _speaks(
        *("P03-cut", "sends half of an array and ends"),
        "announce((rows(), 10))\nsend(DATA, b'x' * 20 * rows(), 40 * rows())\n"
        "os._exit(0)",
        "E_CRASH",
        by=ENDS,
        says="in the phase '[a-z]+'$",
    ),
    _speaks(
        *("P03-more", "sends more data than the array holds"),
        "announce((rows(), 10))\nsend(DATA, b'x' * 41 * rows())\nlinger()",
        "E_PROTOCOL",
        says=DISTURBED,
    ),
    _speaks(
        *("P03-extra", "sends a row too many"),
        "announce((rows() + 1, 10))\nlinger()",
        "E_OUTPUT_SHAPE",
        by=SHAPES,
        says=r"the model returns \d+ rows for \d+ rows of inputs",
    ),
    _speaks(
        *("P03-twice", "sends its only output twice"),
        "announce((rows(), 10))\nsend(DATA, b'x' * 40 * rows())\n"
        "announce((rows(), 10))\nlinger()",
        "E_PROTOCOL",
        says=DISTURBED,
    ),
    _speaks(
        *("P03-name", "names an output with 4,000 bytes of escape sequences"),
        "announce((rows(), 10), name=b'\\x1b]0;x\\x07' * 666)\nlinger()",
        "E_OUTPUT_SHAPE",
        by=SHAPES,
        says="the model returns an output that the task does not name",
    ),
    _speaks(
        *("P03-bool", "sends truth values that are neither 0 nor 1"),
        f"announce((rows(), 10), dtype={frames.DTYPES.index('bool')})\n"
        "send(DATA, b'\\xff' * 10 * rows())\nlinger()",
        "E_PROTOCOL",
        says=DISTURBED,
    ),
    _speaks(
        *("P03-empty", "sends frames without data for ever"),
        "announce((rows(), 10))\nwhile True:\n    send(DATA)",
        "E_PROTOCOL",
        says=DISTURBED,
    ),
    _speaks(
        *("P03-small", "sends its result in a thousand small frames"),
        *("send(LOADED)\nforge(step=1)\nsend(END)\nlinger()", "E_PROTOCOL"),
        says=DISTURBED,
    ),
    _speaks(
        *("P03-drip", "forges its result a byte at a time"),
        "class Drip:\n"
        "    def __init__(self, channel):\n"
        "        self.channel = channel\n"
        "    def sendall(self, data):\n"
        "        for at in range(len(data)):\n"
        "            self.channel.sendall(data[at:at + 1])\n"
        "runner()[1]._channel = Drip(runner()[1]._channel)\n"
        "send(LOADED)\nforge()\nsend(END)\nlinger()",
        OK,
        by="work that is linear in what arrives",
    ),
    _speaks(
        *("P03-document", "describes a file of 64 MB, which nobody asked for"),
        *("send(DOCUMENT, b'[],' * (21 << 20))\nlinger()", "E_PROTOCOL"),
        says=DISTURBED,
    ),
    _speaks(
        *("P03-order", "repeats a frame's number"),
        "runner()[1]._sequence -= 1\nsend(LOADED)\nlinger()",
        "E_PROTOCOL",
        says=DISTURBED,
    ),
)

CLOSED = (
    _speaks(
        *("P05", "closes all its descriptors and keeps running"),
        *("os.closerange(0, 256)\nlinger()", "E_CRASH", "E_TIMEOUT"),
        by=ENDS,
    ),
    _speaks(
        *("P05-predict", "closes all its descriptors and predicts"),
        *("os.closerange(3, 256)", "E_CRASH", "E_TIMEOUT"),
        by=ENDS,
        at="predict",
    ),
    _speaks(
        *("P05-shutdown", "shuts its channel down and predicts"),
        "runner()[1]._channel.shutdown(socket.SHUT_RDWR)",
        *("E_CRASH", "E_TIMEOUT"),
        by=ENDS,
        at="predict",
    ),
    _speaks(
        *("P05-null", "puts its log in the channel's place"),
        *("os.dup2(1, runner()[1]._channel.fileno())", "E_CRASH", "E_TIMEOUT"),
        by=ENDS,
        at="predict",
    ),
)

FORGED = (
    _speaks(
        *("P20-result", "forges a whole result and its end, then goes on"),
        *("send(LOADED)\nforge()\nsend(END)\nlinger()", OK),
        by=OWN,
    ),
    _speaks(
        *("P20-after-end", "forges a whole result, and sends garbage after its end"),
        "send(LOADED)\nforge()\nsend(END)\n"
        "while True:\n    runner()[1]._channel.sendall(b'PASSED' * 10000)",
        OK,
        by="nothing counts that follows the end",
    ),
    _speaks(
        *("P20-passes", "forges more passes than were asked for"),
        "send(LOADED)\nfor _ in range(70):\n    forge()\nsend(END)\nlinger()",
        OK,
        by="no more passes than were asked for",
    ),
    _speaks(
        *("P20-none", "sends the end without a pass"),
        *("send(LOADED)\nsend(END)\nlinger()", "E_PROTOCOL"),
        says=DISTURBED,
    ),
    _speaks(
        *("P20-start", "says that it starts again, to gain time"),
        *("time.sleep(1)\nsend(STARTED)\nlinger()", "E_PROTOCOL"),
        says=DISTURBED,
    ),
    _speaks(
        *("P20-repairs", "says that its file was repaired, then lets it be loaded"),
        *("send(LOADED, b'lr \\x1b[31m time_major ' * 100)", "E_PROTOCOL"),
        says=DISTURBED,
    ),
    *(
        _speaks(
            *(f"P20-claims-{code}", f"claims {code}, to leave its score open"),
            f"send(ERROR, b'{code}\\n5/5')\nsend(END)\nlinger()",
            "E_LOAD",
            by=CLAIMED,
        )
        for code in ("E_INFRA", "E_MISSING", "E_SIZE")
    ),
    _speaks(
        *("P20-claims-layer", "claims that the grader named no layer of it"),
        f"send(ERROR, b'{frames.UNKNOWN_LAYER}\\nx')\nsend(END)\nlinger()",
        *("E_PROTOCOL", "E_LOAD"),
        by=CLAIMED,
    ),
    _speaks(
        *("P20-claims-oneDNN", "claims that another way to compute would do"),
        "send(ERROR, b'E_LOAD channels-first\\nx')\nsend(END)\nlinger()",
        "E_LOAD",
        by=CLAIMED,
    ),
    _speaks(
        *("P20-error-text", "reports an error of hidden inputs and escape sequences"),
        "import gc\n"
        "hidden = [a for a in gc.get_objects() if isinstance(a, np.ndarray)]\n"
        "text = repr(hidden).encode()[:2000] + b'\\x1b[2J\\x07\\r\\n' * 200\n"
        "send(ERROR, b'E_LOAD\\n' + text)\nsend(END)\nlinger()",
        "E_LOAD",
        by="the text of an error is for the grader alone, escaped",
        at="predict",
    ),
    _speaks(
        *("P20-error-only", "reports an error, and keeps running"),
        *("send(ERROR, b'E_LOAD\\nx')\nlinger()", "E_TIMEOUT"),
        by=ENDS,
    ),
    _speaks(
        *("P20-shape", "hides numbers in the shape that a candidate is told"),
        "announce((rows(), 314159, 265358, 979323, 846264))\nlinger()",
        "E_OUTPUT_SHAPE",
        by="a shape that is told holds 30 bits at most",
        says="^[^0-9]*$",
    ),
)

ROWS = (*NOISE, *BYTES, *CLOSED, *FORGED)
