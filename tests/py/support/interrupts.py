"""Signal handlers that raise, for tests: at moments of the system's choice, and between two given steps."""

import dis
import re
import signal
import sys

import pytest


class Interrupt(Exception):
    pass


class Alarm:
    """SIGALRM raises as long as it is armed, but not in the code of pytest."""

    armed = False
    count = 0

    def __call__(self, number, frame):
        if self.armed:
            self.count += 1
            raise Interrupt


@pytest.fixture
def alarm():
    alarm = Alarm()
    old = signal.signal(signal.SIGALRM, alarm)
    hook = sys.unraisablehook
    # An exception in a finalizer goes to a function of pytest, in which the next one would come.
    sys.unraisablehook = lambda unraisable: hook(unraisable) if unraisable.exc_type is not Interrupt else None
    yield alarm
    alarm.armed = False
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, old)
    sys.unraisablehook = hook


def interrupt_at(function, step, everywhere=True):
    """Calls it, with an exception at a step; False if it has no such step.

    Unless it is wanted ``everywhere``, it comes only where the interpreter looks for signals: at the
    start of a function, after a call, and at a jump back. After an exception inside the end of an
    ``except`` clause, where it does not, the interpreter believes that the one of the clause is still
    being handled. The end of a generator corrects that.
    """
    last = {}  # the name of a frame's last step

    def call():
        yield function()

    def trace(frame, event, argument):
        nonlocal step
        frame.f_trace_opcodes = frame.f_globals["__name__"].startswith("fastpyon")
        if event == "opcode":
            looks = everywhere or re.search("^CALL|BACKWARD(?!_NO)|RESUME", last.get(frame, "CALL"))
            last[frame] = dis.opname[frame.f_code.co_code[frame.f_lasti]]
            step -= bool(looks)
            if looks and step < 0:
                sys.settrace(None)
                raise Interrupt
        return trace

    before, handled, was_interrupted = sys.gettrace(), sys.exc_info()[1], False
    sys.settrace(trace)
    try:
        next(call())
    except Interrupt:
        was_interrupted = True
    finally:
        sys.settrace(before)
    assert sys.exc_info()[1] is handled
    return was_interrupted
