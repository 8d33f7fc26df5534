"""Results that are released, released again and brought to their end, and what everybody reads of them."""

from server.worker import drain
from tests.actors.supervisor import submitted, supervisor, visit_answers

PROBLEM = {"answer": "not_conform", "problem": "李四称界桩缺失", "disposal": "DAILY_SUPERVISION"}


def released(cast, crew, item, **answers):
    """A released result of one item of a new visit."""
    record = submitted(cast, *crew, answers=visit_answers(**answers))
    office = supervisor(cast)
    office.accepts(record)
    drain(cast.app)
    found = crew[0].get("/api/v1/results")
    result = next(each for each in found if (each["record_id"], each["item_code"]) == (str(record), item))
    release(cast, crew, result)
    return result


def release(cast, crew, result, **given):
    """Confirm a result, corrected as given, and release it."""
    crew[0].post(f"/api/v1/results/{result['id']}/confirm", given)
    supervisor(cast).releases(result["id"])
    drain(cast.app)


def finish_all(person, result):
    """Enter the outcome of everything that follows a result."""
    for each in person.get("/api/v1/followups", query_string={"result": result["id"]}):
        path = f"/api/v1/followups/{each['id']}"
        person.post(f"{path}/send", {"reference_no": "1", "to_body": "矿管股"})
        person.post(f"{path}/receipt", {"no": "2", "by": "矿管股", "on": "2026-03-01"})
        person.post(f"{path}/finish", {"done_on": "2026-03-01"})


def public(cast, **query):
    """What is public and answers a question."""
    return cast.stranger().get("/public/results", query_string=query)
