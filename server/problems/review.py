"""Refusals of what a supervisor is to look at."""

from server.problems.table import problem

DoubtNotFound = problem(
    404,
    "doubt.not-found",
    ("没有这个疑问，或情况已变化", "No such question, or there is more to ask about by now."),
    ("请刷新记录后重新查看。", "Load the record again and look anew."),
)
