"""Code that would read or change what is the grader's: files, processes, the kernel."""

from programs import coded
from rows import OK

OPENINGS = """
import io, mmap

def closed(number):
    os.close(number)

def act_open():
    open(SECRET).close()

def act_open_labels():
    open(LABELS, "rb").close()

def act_load():
    np.load(LABELS, allow_pickle=False)

def act_memory_map():
    np.memmap(LABELS, mode="r")

def act_ctypes():
    closed(called("open", SECRET.encode(), os.O_RDONLY))

def act_path_only():
    number = os.open(SECRET, os.O_PATH)
    closed(os.open(f"/proc/self/fd/{number}", os.O_RDONLY))

def act_through_root():
    closed(os.open("/proc/self/root" + SECRET, os.O_RDONLY))

def act_upwards():
    closed(os.open("../" * 40 + SECRET, os.O_RDONLY))

def act_openat2():
    how = (ctypes.c_uint64 * 3)()
    closed(called("syscall", 437, -100, SECRET.encode(), ctypes.byref(how), 24))

def act_symlink():
    name = f"link-{time.monotonic_ns()}"
    os.symlink(SECRET, name)
    closed(os.open(name, os.O_RDONLY))

def act_hard_link():
    os.link(SECRET, "hard")

def act_list():
    os.listdir(os.path.dirname(SECRET))

def act_list_labels():
    os.listdir(os.path.dirname(LABELS))

def act_list_root():
    if {"home", "root", "var"} & set(os.listdir("/")):
        raise RuntimeError("the machine's root folder")
    raise PermissionError(errno.EPERM, "nothing to be seen")

def act_list_temporary():
    os.listdir("/tmp")

def act_password_file():
    open("/etc/passwd").close()
"""

CHANGES = """
def touch(*parts):
    path = os.path.join(*parts)
    is_there = os.path.exists(path)
    open(path, "a").close()
    if not is_there:
        os.unlink(path)

def act_write():
    open(SECRET, "a").close()

def act_marker():
    open(MARKER, "w").close()

def act_create_beside():
    os.mknod(SECRET + ".more")

def act_folder():
    os.mkdir(SECRET + ".folder")

def act_truncate():
    os.truncate(SECRET, os.path.getsize(SECRET))

def act_open_to_truncate():
    os.close(os.open(SECRET, os.O_RDONLY | os.O_TRUNC))

def act_truncate_through_link():
    name = f"link-{time.monotonic_ns()}"
    os.symlink(SECRET, name)
    open(name, "r+b").close()

def act_rename():
    os.rename(SECRET, SECRET + ".renamed")

def act_rename_over():
    open("own", "w").close()
    os.rename("own", SECRET)

def act_unlink():
    os.unlink(SECRET)

def act_mode():
    os.chmod(SECRET, 0o666)

def act_mode_by_call():
    called("syscall", 452, -100, SECRET.encode(), 0o666, 0)

def act_owner():
    os.chown(SECRET, os.getuid(), -1)

def act_times():
    os.utime(SECRET, (0, 0))

def act_attribute():
    os.setxattr(SECRET, "user.tfgrade", b"x")

def act_touch():
    os.utime(LABELS)

def act_replace_labels():
    open("own", "w").close()
    os.replace("own", LABELS)

def act_home():
    touch("/root", "keras.json")

def act_packages():
    touch(os.path.dirname(np.__file__), "later.py")

def act_byte_code():
    touch(os.path.dirname(np.__file__), "__pycache__", "later.pyc")

def act_worker():
    touch(sys.modules["worker.frames"].__file__)

def act_python():
    open(os.path.realpath(sys.executable), "r+b").close()

def act_shared_memory():
    touch("/dev/shm/tfgrade-row")

def act_temporary():
    touch("/tmp/tfgrade-row")

def act_variable_file():
    touch(os.environ.get("GITHUB_ENV", SECRET))
"""

MISSING = """
def attack():
    open(SECRET)
"""

SIBLINGS = """
HERE = os.path.dirname(os.path.abspath(__file__))

def act_list_artifacts():
    os.listdir(os.path.dirname(HERE))

def act_list_scratch_folders():
    os.listdir("..")

def act_list_the_runners_folder():
    os.listdir(os.path.dirname(os.path.dirname(os.getcwd())))

def act_make_beside():
    os.mkdir("../more")

def act_leave_a_file():
    open("../left", "w").close()

def act_move_out():
    os.mkdir("mine")
    os.rename("mine", "../mine")

def act_replace_own_scratch():
    os.rename(os.getcwd(), os.getcwd() + "-moved")

def act_other_processes():
    for number in range(max(2, os.getpid() - 300), os.getpid() + 300):
        if number not in (os.getpid(), os.getppid()):
            try:
                open(f"/proc/{number}/maps").close()
            except OSError:
                continue
            return
    raise PermissionError(errno.EPERM, "none can be seen")
"""

OWN_FILES = """
HERE = os.path.dirname(os.path.abspath(__file__))

def act_own_source():
    open(__file__, "a").close()

def act_remove_own_source():
    os.unlink(__file__)

def act_replace_own_source():
    open("own", "w").close()
    os.replace("own", __file__)

def act_own_weights():
    for name in os.listdir(HERE):
        open(os.path.join(HERE, name), "r+b").close()

def act_beside():
    open(os.path.join(HERE, "more"), "w").close()

def act_mode_of_folder():
    os.chmod(HERE, 0o777)

def act_rename_folder():
    os.rename(HERE, HERE + "-renamed")
"""

PROCESSES = """
PARENT, IS_X86 = os.getppid(), os.uname().machine == "x86_64"

def act_environment():
    open(f"/proc/{PARENT}/environ", "rb").read()

def act_command():
    open(f"/proc/{PARENT}/cmdline", "rb").read()

def act_maps():
    open(f"/proc/{PARENT}/maps", "rb").read()

def act_memory():
    open(f"/proc/{PARENT}/mem", "r+b").close()

def act_files():
    os.listdir(f"/proc/{PARENT}/fd")

def act_file_of_parent():
    os.close(os.open(f"/proc/{PARENT}/fd/3", os.O_RDONLY))

def act_root_of_parent():
    os.listdir(f"/proc/{PARENT}/root/")

def act_folder_of_parent():
    os.listdir(f"/proc/{PARENT}/cwd/")

def act_list():
    if [name for name in os.listdir("/proc") if name.isdigit()] == [str(os.getpid())]:
        raise PermissionError(errno.EPERM, "no other process to be seen")

def act_ptrace():
    called("ptrace", 0x4206, PARENT, 0, 0)  # PTRACE_SEIZE
    called("ptrace", 17, PARENT, 0, 0)

def act_read_memory():
    here = (ctypes.c_void_p * 2)(ctypes.addressof(ctypes.create_string_buffer(8)), 8)
    called("process_vm_readv", PARENT, here, 1, here, 1, 0)

def act_pidfd():
    number = called("syscall", 434, PARENT, 0)
    called("syscall", 438, number, 0, 0)

def act_kcmp():
    called("syscall", 312 if IS_X86 else 272, PARENT, PARENT, 0, 0, 0)

def act_oom():
    open("/proc/self/oom_score_adj", "w").write("500")
"""

KERNEL = """
X86 = os.uname().machine == "x86_64"

def act_user_namespace():
    called("unshare", 0x10000000)

def act_mount_namespace():
    called("unshare", 0x20000)

def act_join():
    called("setns", 0, 0)

def act_mount():
    called("mount", b"none", b".", b"no-such-kind", 0, None)

def act_new_mount():
    called("syscall", 430, b"no-such-kind", 0)

def act_tree():
    called("syscall", 428, -100, b"/", 1)

def act_chroot():
    os.chroot(".")

def act_device():
    os.mknod("disk", stat.S_IFBLK | 0o600, os.makedev(259, 4095))

def act_handle():
    called("open_by_handle_at", 0, (ctypes.c_char * 16)(), 0)

def act_bpf():
    called("syscall", 321 if X86 else 280, 0, (ctypes.c_char * 72)(), 72)

def act_performance():
    called("syscall", 298 if X86 else 241, (ctypes.c_char * 128)(), 0, -1, -1, 0)

def act_page_faults():
    called("syscall", 323 if X86 else 282, 0)

def act_key():
    called("syscall", 248 if X86 else 217, b"user", b"tfgrade", b"x", 1, -1)

def act_io_uring():
    called("syscall", 425, 8, (ctypes.c_char * 120)())

def act_secret_memory():
    called("syscall", 447, 0)

def act_watch():
    called("inotify_init1", 0)

def act_watch_all():
    called("fanotify_init", 0, 0)

def act_messages():
    called("msgctl", called("msgget", 0, 0o1600), 0, None)

def act_semaphores():
    called("semctl", called("semget", 0, 1, 0o1600), 0, 0, 0)

def act_queue():
    called("mq_open", b"/tfgrade-row", os.O_CREAT | os.O_RDWR, 0o600, None)
    called("mq_unlink", b"/tfgrade-row")

def act_personality():
    called("personality", 0xFFFFFFFF)

def act_module():
    called("syscall", 175 if X86 else 105, None, 0, None)

def act_user():
    os.setuid(0 if os.getuid() else 1)

def act_groups():
    os.setgroups([0])

def act_capabilities():
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    called("capset", header, (ctypes.c_uint32 * 6)(*[0x1FF] * 6))

def act_terminal():
    import fcntl
    fcntl.ioctl(os.open("/dev/tty", os.O_RDWR), 0x5412, b" ")

def act_input():
    if not os.isatty(0):
        raise PermissionError(errno.EPERM, "no terminal")
    called("ioctl", 0, 0x5412, b" ")

def act_core_pattern():
    os.close(os.open("/proc/sys/kernel/core_pattern", os.O_WRONLY))

def act_sysrq():
    os.close(os.open("/proc/sysrq-trigger", os.O_WRONLY))

def act_kernel_memory():
    os.close(os.open("/dev/mem", os.O_RDWR))

def act_kernel_log():
    os.close(os.open("/dev/kmsg", os.O_WRONLY))

def act_control_groups():
    os.listdir("/sys/fs/cgroup")
"""

OTHER_TABLE = """
def attack():
    import mmap
    if os.uname().machine != "x86_64":
        raise PermissionError(errno.EPERM, "there is no such table")
    kind = mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC
    pages = mmap.mmap(-1, 4096, prot=kind, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    pages.write(bytes.fromhex("{code}"))
    start = ctypes.addressof(ctypes.c_char.from_buffer(pages))
    number = ctypes.CFUNCTYPE(ctypes.c_int)(start)()
    if number in (-errno.ENOSYS, -errno.EPERM):
        raise PermissionError(errno.EPERM, "refused")
    raise AssertionError(f"not refused: {{number}}")
"""

I386 = OTHER_TABLE.format(code="b814000000 cd80 c3")  # mov eax, 20; int 0x80; ret
X32 = OTHER_TABLE.format(code="b827000040 0f05 c3")  # mov eax, 0x40000027; syscall

TENSORFLOW = """
import tensorflow as tf

def attack():
    {act}
    raise AssertionError("not refused")
"""

TENSORFLOW_ACTS = {
    "read": ("reads", "tf.io.read_file(SECRET)"),
    "write": ("writes", "tf.io.write_file(MARKER, 'x')"),
    "lines": ("reads with tf.data", "list(tf.data.TextLineDataset(SECRET))"),
    "copy": ("copies", "tf.io.gfile.copy(SECRET, 'here')"),
    "list": ("lists", "tf.io.gfile.listdir(os.path.dirname(SECRET))"),
    "save": ("saves", "tf.io.write_graph(tf.Graph().as_graph_def(), MARKER, 'x')"),
}

ENVIRONMENT = """
def attack():
    shown = [f"{name}={value}" for name, value in os.environ.items()]
    shown += open("/proc/self/environ").read().split("\\0")
    shown += [name for name in os.environ if "TOKEN" in name or "SECRET" in name]
    for text in shown:
        print(text, flush=True)
        print(text, file=sys.stderr, flush=True)
    if any("canary" in text for text in shown):
        raise AssertionError("a secret in the environment")
"""

ENVIRONMENT_RAISED = """
def attack():
    raise ValueError(dict(os.environ), open("/proc/self/environ").read())
"""

DESCRIPTORS = """
def attack():
    for number in range(3, 4096):
        try:
            kind = os.fstat(number).st_mode
        except OSError:
            continue
        if stat.S_ISDIR(kind):
            for path in ("..", "../" * 40 + SECRET, "../" * 40 + "etc"):
                try:
                    os.listdir(os.open(path, os.O_RDONLY, dir_fd=number))
                except OSError:
                    continue
                raise AssertionError(f"{path} of folder {number}")
        if stat.S_ISSOCK(kind):
            there = socket.socket(fileno=os.dup(number))
            if there.type != socket.SOCK_STREAM:
                raise AssertionError(f"{number} is the zygote's")
            there.close()
"""

FILES = "an own root folder and an own /proc; Landlock"
NO_CHANGE = "a read-only world; Landlock; seccomp: chmod, chown, utime, setxattr"
SURFACE = "seccomp: an allow list; no capabilities, another user"

ROWS = (
    coded(
        *("N02-files", "reads the grader's files in 16 ways", OPENINGS, "E_POLICY"),
        by=FILES,
    ),
    coded(
        *("N02-files-import", "the same when its module is run"),
        *(OPENINGS, "E_POLICY"),
        by=FILES,
        at="import",
    ),
    coded(
        *("N02-files-quiet", "the same, swallows the refusals and predicts"),
        *(OPENINGS, OK),
        by=FILES,
        quietly=True,
    ),
    coded(
        *("N02-open", "opens a file of the grader's", MISSING, "E_POLICY"),
        by=FILES,
        says="a file that is not its own",
    ),
    coded(
        *("N02-open-build", "the same when it builds its model", MISSING, "E_POLICY"),
        by=FILES,
        at="build",
        says="a file that is not its own",
    ),
    coded(
        *("N02-parent", "looks into its parent's memory, files and environment"),
        *(PROCESSES, "E_POLICY"),
        by="an own /proc; seccomp: ptrace and its like; another user if root",
    ),
    coded(
        *("N02-parent-quiet", "the same, swallows the refusals and predicts"),
        *(PROCESSES, OK),
        by="an own /proc; seccomp: ptrace and its like; another user if root",
        quietly=True,
    ),
    *(
        coded(
            *(f"N25-{name}", f"{verb} the grader's files with TensorFlow"),
            *(TENSORFLOW.format(act=act), "E_POLICY"),
            by=FILES,
        )
        for name, (verb, act) in TENSORFLOW_ACTS.items()
    ),
    coded(
        *("N03", "prints its environment, where secrets were", ENVIRONMENT, OK),
        by="an environment of the zygote's own",
    ),
    coded(
        *("N03-raise", "raises its environment", ENVIRONMENT_RAISED, "E_LOAD"),
        by="an environment of the zygote's own; texts of models are the grader's",
    ),
    coded(
        *("N04", "changes files of the grader, packages and settings"),
        *(CHANGES, "E_POLICY"),
        by=NO_CHANGE,
    ),
    coded(
        *("N04-import", "the same when its module is run", CHANGES, "E_POLICY"),
        by=NO_CHANGE,
        at="import",
    ),
    coded(
        *("N04-quiet", "the same, swallows the refusals and predicts", CHANGES, OK),
        by=NO_CHANGE,
        quietly=True,
    ),
    coded(
        *("N28-siblings", "looks for other models, and leaves files for them"),
        *(SIBLINGS, "E_POLICY"),
        by=FILES,
    ),
    coded(
        *("N22-own-files", "changes its own artifact while it is graded"),
        *(OWN_FILES, "E_POLICY"),
        by="the artifact is read-only",
    ),
    coded(
        *("N21-kernel", "asks the kernel for 30 things that models do not need"),
        *(KERNEL, "E_POLICY"),
        by=SURFACE,
    ),
    coded(
        *("N21-quiet", "the same, swallows the refusals and predicts", KERNEL, OK),
        by=SURFACE,
        quietly=True,
    ),
    coded(
        *("N26-i386", "makes a system call of 32 bits", I386, "E_CRASH", "E_POLICY"),
        by="seccomp: the other tables of calls end the process",
    ),
    coded(
        *("N26-x32", "makes a system call of x32", X32, "E_CRASH", "E_POLICY"),
        by="seccomp: the other tables of calls end the process",
    ),
    coded(
        *("N24-descriptors", "looks for descriptors of its parent", DESCRIPTORS, OK),
        by="all are closed but the channel, the log and the inputs",
    ),
)
