"""The system calls of Linux that a child may make, may not, or may with care.

Each entry is a name and its numbers on x86-64 and on aarch64; ``-`` where a machine
lacks the call. The numbers never change: they are of the kernel's interface
(``asm/unistd_64.h``; ``asm-generic/unistd.h`` with the choices of arm64). From 424 on
every machine has the same ones. What is in no table is answered as a kernel answers
that does not know the call; glibc then takes an older one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

MACHINES: Final = ("x86_64", "aarch64")
"""The columns of the tables, named as ``os.uname`` names the machine."""


def _table(text: str) -> Mapping[str, tuple[int | None, ...]]:
    """Return the entries of a text of names and numbers."""
    words = iter(text.split())
    entries: dict[str, tuple[int | None, ...]] = {}
    for name in words:
        columns = [next(words) for _ in MACHINES]
        entries[name] = tuple(None if it == "-" else int(it) for it in columns)
    return entries


def numbers(
    table: Mapping[str, tuple[int | None, ...]], machine: str
) -> dict[str, int]:
    """Return the number of each call of a table that a machine has, by name."""
    column = MACHINES.index(machine)
    found = {name: entry[column] for name, entry in table.items()}
    return {name: number for name, number in found.items() if number is not None}


_FILES = """
    read 0 63  write 1 64  readv 19 65  writev 20 66  lseek 8 62  close 3 57
    pread64 17 67  pwrite64 18 68  preadv 295 69  pwritev 296 70
    pwritev2 328 287  close_range 436 436
    stat 4 -  lstat 6 -  fstat 5 80  newfstatat 262 79  statx 332 291
    statfs 137 43  fstatfs 138 44  getcwd 79 17  chdir 80 49  fchdir 81 50
    access 21 -  faccessat 269 48  faccessat2 439 439
    readlink 89 -  readlinkat 267 78  getdents 78 -  getdents64 217 61
    getxattr 191 8  lgetxattr 192 9  fgetxattr 193 10
    listxattr 194 11  llistxattr 195 12  flistxattr 196 13
    rename 82 -  renameat 264 38  renameat2 316 276
    mkdir 83 -  mkdirat 258 34  rmdir 84 -  unlink 87 -  unlinkat 263 35
    link 86 -  linkat 265 37  symlink 88 -  symlinkat 266 36  umask 95 166
    ftruncate 77 46  fsync 74 82  fdatasync 75 83
    sync_file_range 277 84
    sendfile 40 71  copy_file_range 326 285
    dup 32 23  dup2 33 -  dup3 292 24  pipe 22 -  pipe2 293 59
"""

_WAITING = """
    poll 7 -  ppoll 271 73  select 23 -  pselect6 270 72
    epoll_create 213 -  epoll_create1 291 20  epoll_ctl 233 21
    epoll_wait 232 -  epoll_pwait 281 22  epoll_pwait2 441 441
    eventfd 284 -  eventfd2 290 19  signalfd 282 -  signalfd4 289 74
    timerfd_create 283 85  timerfd_settime 286 86  timerfd_gettime 287 87
    nanosleep 35 101  clock_nanosleep 230 115  pause 34 -  restart_syscall 219 128
    wait4 61 260  waitid 247 95
"""

_CHANNEL = """
    recvmsg 47 212  recvfrom 45 207  shutdown 48 210
    getsockname 51 204  getpeername 52 205
"""

_MEMORY = """
    brk 12 214  munmap 11 215  mprotect 10 226  mremap 25 216  madvise 28 233
    msync 26 227  mlock 149 228  munlock 150 229  mseal 462 462
    get_mempolicy 239 236  mbind 237 235  map_shadow_stack 453 453
"""

_THREADS = """
    futex 202 98  futex_waitv 449 449  futex_wake 454 454  futex_wait 455 455
    futex_requeue 456 456  set_robust_list 273 99  set_tid_address 218 96
    rseq 334 293  membarrier 324 283  arch_prctl 158 -  gettid 186 178
    exit 60 93  exit_group 231 94  sched_yield 24 124  getcpu 309 168
    sched_getaffinity 204 123  sched_getparam 143 121  sched_getscheduler 145 120
    sched_getattr 315 275  sched_rr_get_interval 148 127
    sched_get_priority_max 146 125  sched_get_priority_min 147 126
    rt_sigaction 13 134  rt_sigprocmask 14 135  rt_sigreturn 15 139
    rt_sigpending 127 136  rt_sigtimedwait 128 137  rt_sigsuspend 130 133
    sigaltstack 131 132  alarm 37 -  getitimer 36 102  setitimer 38 103
"""

_QUESTIONS = """
    getpid 39 172  getppid 110 173  getpgrp 111 -  getpgid 121 155  getsid 124 156
    getuid 102 174  geteuid 107 175  getgid 104 176  getegid 108 177
    getresuid 118 148  getresgid 120 150  getgroups 115 158  capget 125 90
    getpriority 140 141  ioprio_get 252 31  getrlimit 97 163
    getrusage 98 165  times 100 153  uname 63 160  sysinfo 99 179  getrandom 318 278
    time 201 -  gettimeofday 96 169  clock_gettime 228 113  clock_getres 229 114
"""

ALLOWED: Final = _table(_FILES + _WAITING + _CHANNEL + _MEMORY + _THREADS + _QUESTIONS)
"""Calls that touch the process itself, or files that other layers guard."""

CHECKED: Final = _table(
    """
    clone 56 220  kill 62 129  tgkill 234 131
    rt_sigqueueinfo 129 138  rt_tgsigqueueinfo 297 240
    open 2 -  openat 257 56  fallocate 285 47  preadv2 327 286
    fcntl 72 25  ioctl 16 29  prctl 157 167  mmap 9 222
    socketpair 53 199  sendto 44 206  sendmsg 46 211
    setsockopt 54 208  getsockopt 55 209
    prlimit64 302 261  sched_setaffinity 203 122  sched_setparam 142 118
    sched_setscheduler 144 119  sched_setattr 314 274
    """
)
"""Calls that are allowed by their arguments."""

_PROCESSES = """
    fork 57 -  vfork 58 -  execve 59 221  execveat 322 281
    tkill 200 130  pidfd_open 434 434  pidfd_send_signal 424 424
    pidfd_getfd 438 438  setsid 112 157  setpgid 109 154
    setpriority 141 140  setrlimit 160 164  ioprio_set 251 30
    ptrace 101 117  kcmp 312 272
    process_vm_readv 310 270  process_vm_writev 311 271
    process_madvise 440 440  process_mrelease 448 448
    migrate_pages 256 238  move_pages 279 239
"""

_SHARED_MEMORY = """
    memfd_create 319 279  memfd_secret 447 447
    shmget 29 194  shmat 30 196  shmctl 31 195  shmdt 67 197
    msgget 68 186  msgsnd 69 189  msgrcv 70 188  msgctl 71 187
    semget 64 190  semop 65 193  semctl 66 191  semtimedop 220 192
    mq_open 240 180  mq_unlink 241 181  mq_timedsend 242 182
    mq_timedreceive 243 183  mq_notify 244 184  mq_getsetattr 245 185
"""

_NETWORK = """
    socket 41 198  connect 42 203  bind 49 200  listen 50 201
    accept 43 202  accept4 288 242  sendmmsg 307 269
"""

_UNGUARDED_FILES = """
    truncate 76 45  creat 85 -  mknod 133 -  mknodat 259 33
    chmod 90 -  fchmod 91 52  fchmodat 268 53  fchmodat2 452 452
    chown 92 -  lchown 94 -  fchown 93 55  fchownat 260 54
    utime 132 -  utimes 235 -  futimesat 261 -  utimensat 280 88
    setxattr 188 5  lsetxattr 189 6  fsetxattr 190 7  setxattrat 463 463
    removexattr 197 14  lremovexattr 198 15  fremovexattr 199 16
    removexattrat 466 466  file_setattr 469 469
    name_to_handle_at 303 264  open_by_handle_at 304 265
    inotify_init 253 -  inotify_init1 294 26  inotify_add_watch 254 27
    inotify_rm_watch 255 28  fanotify_init 300 262  fanotify_mark 301 263
"""

_RIGHTS = """
    setuid 105 146  setgid 106 144  setreuid 113 145  setregid 114 143
    setresuid 117 147  setresgid 119 149  setfsuid 122 151  setfsgid 123 152
    setgroups 116 159  capset 126 91  personality 135 92  seccomp 317 277
    landlock_create_ruleset 444 444  landlock_add_rule 445 445
    landlock_restrict_self 446 446  lsm_set_self_attr 460 460
    add_key 248 217  request_key 249 218  keyctl 250 219
    unshare 272 97  setns 308 268  chroot 161 51  pivot_root 155 41
"""

_MACHINE = """
    mount 165 40  umount2 166 39  open_tree 428 428  open_tree_attr 467 467
    move_mount 429 429  fsopen 430 430  fsconfig 431 431  fsmount 432 432
    fspick 433 433  mount_setattr 442 442
    swapon 167 224  swapoff 168 225  quotactl 179 60  quotactl_fd 443 443
    acct 163 89  reboot 169 142  vhangup 153 58  syslog 103 116
    kexec_load 246 104  kexec_file_load 320 294  iopl 172 -  ioperm 173 -
    init_module 175 105  finit_module 313 273  delete_module 176 106
    sethostname 170 161  setdomainname 171 162  settimeofday 164 170
    clock_settime 227 112  clock_adjtime 305 266  adjtimex 159 171
    bpf 321 280  perf_event_open 298 241  userfaultfd 323 282
    io_uring_setup 425 425  io_uring_enter 426 426  io_uring_register 427 427
"""

FORBIDDEN: Final = _table(
    _PROCESSES + _SHARED_MEMORY + _NETWORK + _UNGUARDED_FILES + _RIGHTS + _MACHINE
)
"""Calls that reach beyond the process, or around the other layers: refused by name."""
