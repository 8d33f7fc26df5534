"""What several threads bring at once is taken together, and none suffers from what another brought."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy.exc import OperationalError

from server.together import CrossedError, Together

TOO_BAD = 13


def bring_while_the_first_is_taken(together, started, go_on, numbers):
    """Bring numbers from threads of their own, the first before all others; answers or errors in their order."""

    def take(number):
        try:
            return together.take(number)
        except (ValueError, OperationalError) as error:
            return error

    with ThreadPoolExecutor(len(numbers)) as pool:
        first = pool.submit(take, numbers[0])
        assert started.wait(10)
        others = [pool.submit(take, number) for number in numbers[1:]]
        while len(together._waiting) < len(others):
            threading.Event().wait(0.001)
        go_on.set()
        return [each.result(10) for each in (first, *others)]


class Taking:
    """Doubles numbers, waits in its first call, and fails for some."""

    def __init__(self, error=None):
        self.calls, self.started, self.go_on = [], threading.Event(), threading.Event()
        self.error = error or ValueError(TOO_BAD)

    def __call__(self, numbers):
        self.calls.append(list(numbers))
        self.started.set()
        self.go_on.wait(10)
        if TOO_BAD in numbers:
            raise self.error
        return [2 * number for number in numbers]


def test_who_comes_alone_is_taken_alone_and_who_waits_is_taken_with_all_who_wait():
    taking = Taking()
    together = Together(taking, most=3)

    answers = bring_while_the_first_is_taken(together, taking.started, taking.go_on, [1, 2, 3, 4, 5])

    assert answers == [2, 4, 6, 8, 10]
    assert taking.calls[0] == [1]
    assert sorted(len(call) for call in taking.calls) == [1, 1, 3]
    assert together.take(6) == 12


def test_one_that_fails_fails_alone():
    taking = Taking()
    together = Together(taking, most=9)

    answers = bring_while_the_first_is_taken(together, taking.started, taking.go_on, [1, 2, TOO_BAD, 4])

    assert answers == [2, 4, taking.error, 8]
    with pytest.raises(ValueError, match=str(TOO_BAD)):
        together.take(TOO_BAD)
    assert together.take(3) == 6


def test_a_database_that_is_gone_is_gone_for_all_and_is_not_asked_again_for_each():
    taking = Taking(OperationalError("commit", {}, Exception("gone")))
    together = Together(taking, most=9)

    answers = bring_while_the_first_is_taken(together, taking.started, taking.go_on, [1, 2, TOO_BAD, 4])

    assert answers == [2, taking.error, taking.error, taking.error]
    assert len(taking.calls) == 2


def test_when_the_thread_that_leads_is_ended_whoever_waits_with_it_is_not_taken_for_done():
    taking = Taking(SystemExit("stopped"))
    together = Together(taking, most=9)

    def stopped(number):
        try:
            return together.take(number)
        except SystemExit as error:
            return error

    with ThreadPoolExecutor(3) as pool:
        first = pool.submit(stopped, 1)
        assert taking.started.wait(10)
        others = [pool.submit(stopped, number) for number in (TOO_BAD, 4)]
        while len(together._waiting) < len(others):
            threading.Event().wait(0.001)
        taking.go_on.set()
        assert [each.result(10) for each in (first, *others)] == [2, taking.error, taking.error]
    assert together.take(3) == 6


@pytest.mark.parametrize("times", [1, 4])
def test_what_crossed_something_else_is_taken_again(times):
    taken = []

    def take(numbers):
        taken.append(numbers)
        if len(taken) <= times:
            raise CrossedError
        return numbers

    assert Together(take, most=3).take(7) == 7
    assert taken == [[7]] * (times + 1)


def test_what_always_crosses_something_else_is_given_up_at_last():
    taken = []

    def take(numbers):
        taken.append(numbers)
        raise CrossedError

    with pytest.raises(CrossedError):
        Together(take, most=3).take(7)
    assert len(taken) == 5


def test_who_was_answered_and_is_back_at_once_is_taken_with_those_that_waited_meanwhile():
    taking = Taking()
    together = Together(taking, most=9, patience=60)

    with ThreadPoolExecutor(3) as pool:
        first = pool.submit(together.take, 1)
        assert taking.started.wait(10)
        others = [pool.submit(together.take, number) for number in (2, 3)]
        while len(together._waiting) < len(others):
            threading.Event().wait(0.001)
        taking.go_on.set()
        assert first.result(10) == 2
        assert together.take(4) == 8
        assert [each.result(10) for each in others] == [4, 6]
    assert taking.calls[0] == [1]
    assert [sorted(call) for call in taking.calls[1:]] == [[2, 3, 4]]


def test_nobody_is_waited_for_who_does_not_come_back_and_who_is_alone_waits_for_nobody():
    taking = Taking()
    together = Together(taking, most=9, patience=0.01)
    assert bring_while_the_first_is_taken(together, taking.started, taking.go_on, [1, 2, 3]) == [2, 4, 6]

    alone = Together(taking, most=9, patience=3600)
    assert [alone.take(number) for number in (4, 5)] == [8, 10]
