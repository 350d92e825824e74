"""Who may run beside whom."""

import threading

from pytest_tfgrade.engine.gate import Gate


def test_many_pass_at_a_time() -> None:
    gate = Gate()
    together = threading.Barrier(3, timeout=10)

    def enter() -> None:
        with gate.passed(alone=False):
            together.wait()

    threads = [threading.Thread(target=enter) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)

    assert not together.broken


def test_who_is_alone_waits_for_the_others_and_keeps_them_out() -> None:
    gate = Gate()
    entered: list[str] = []
    inside, leave = threading.Event(), threading.Event()

    def first() -> None:
        with gate.passed(alone=False):
            inside.set()
            leave.wait(10)
            entered.append("first")

    def later(name: str, alone: bool) -> None:
        with gate.passed(alone=alone):
            entered.append(name)

    threads = [threading.Thread(target=first)]
    threads[0].start()
    inside.wait(10)
    for name, alone in (("alone", True), ("shared", False)):
        threads.append(threading.Thread(target=later, args=(name, alone)))
        threads[-1].start()
        while alone and not gate._waiting:  # nothing else tells
            pass
    leave.set()
    for thread in threads:
        thread.join(10)

    assert entered == ["first", "alone", "shared"]
