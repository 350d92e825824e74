"""Code that would reach the network: listeners of the test, on this machine."""

from programs import coded
from rows import OK

SOCKETS = """
import urllib.request

HERE = ("127.0.0.1", PORT)

def act_tcp():
    with socket.create_connection(HERE, timeout=1) as there:
        there.sendall(b"hello")

def act_udp():
    socket.socket(type=socket.SOCK_DGRAM).sendto(b"hello", HERE)

def act_unix():
    with socket.socket(socket.AF_UNIX) as there:
        there.connect(SOCKET)
        there.sendall(b"hello")

def act_abstract():
    socket.socket(socket.AF_UNIX).bind("\\0tfgrade-row")

def act_pair_with_address():
    ours, _ = socket.socketpair(type=socket.SOCK_DGRAM)
    ours.sendto(b"hello", SOCKET)

def act_listen():
    socket.create_server(("127.0.0.1", 0))

def act_netlink():
    socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0).bind((0, 0))

def act_packet():
    socket.socket(socket.AF_PACKET, socket.SOCK_RAW)

def act_raw():
    socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)

def act_vsock():
    socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM).bind((socket.VMADDR_CID_ANY, 0))

def act_kernel_crypto():
    socket.socket(socket.AF_ALG, socket.SOCK_SEQPACKET, 0).bind(("hash", "sha256"))

def act_names():
    socket.getaddrinfo("localhost", 80, socket.AF_INET, socket.SOCK_STREAM)

def act_urllib():
    urllib.request.urlopen(f"http://127.0.0.1:{PORT}/", timeout=1)

def act_io_uring():
    called("syscall", 425, 8, (ctypes.c_char * 120)())
"""

GET_FILE = """
def attack():
    keras.utils.get_file("x", f"http://127.0.0.1:{PORT}/x", cache_dir=os.getcwd())
"""

HUB = """
os.environ["HF_ENDPOINT"] = f"http://127.0.0.1:{PORT}"

def attack():
    keras.saving.load_model("hf://nobody/nothing")
"""

SERVER = """
import tensorflow as tf

def attack():
    tf.distribute.Server({"worker": [f"127.0.0.1:0"]}, "grpc", "worker", 0)
"""

DOMAIN_NAME = """
def attack():
    socket.getaddrinfo("localhost", 80, socket.AF_INET, socket.SOCK_STREAM)
"""

NO_NETWORK = "seccomp: socket, connect; a network namespace without a network"

ROWS = (
    coded(
        *("N01", "speaks TCP, UDP, unix, netlink and DNS", SOCKETS, "E_POLICY"),
        by=NO_NETWORK,
    ),
    coded(
        *("N01-import", "the same when its module is run", SOCKETS, "E_POLICY"),
        by=NO_NETWORK,
        at="import",
    ),
    coded(
        *("N01-build", "the same when it builds its model", SOCKETS, "E_POLICY"),
        by=NO_NETWORK,
        at="build",
    ),
    coded(
        *("N01-quiet", "the same, swallows the refusals and predicts", SOCKETS, OK),
        by=NO_NETWORK,
        quietly=True,
    ),
    coded(
        *("N01-get-file", "downloads weights with keras.utils.get_file"),
        *(GET_FILE, "E_POLICY"),
        by=NO_NETWORK,
        at="build",
    ),
    coded(
        *("N01-dns", "asks for the address of a name", DOMAIN_NAME, "E_POLICY"),
        by=NO_NETWORK,
    ),
    coded(
        *("N01-hub", "loads another model from a hub"),
        *(HUB, "E_POLICY", "E_LOAD"),  # the library for it may not be there
        by=NO_NETWORK,
        at="build",
    ),
    coded(
        *("N01-server", "starts a server of TensorFlow"),
        *(SERVER, "E_POLICY", "E_CRASH", "E_LOAD"),
        by=NO_NETWORK,
    ),
)
