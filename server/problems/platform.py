"""Refusals of what goes to the provincial platform and what it says."""

from server.problems.table import ASK, problem

DeliveryNotFound = problem(404, "delivery.not-found", ("没有这条报送", "No such delivery."), ASK)
DeliverySettled = problem(
    409,
    "delivery.settled",
    ("该报送无需重试", "This delivery does not wait for a retry."),
    (
        "只有被退回或停止重试的最新版本可以重新报送。",
        "Only the newest version, rejected or given up, can be sent again.",
    ),
)
