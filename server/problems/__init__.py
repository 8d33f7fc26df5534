"""Every refusal of the server, in one catalogue (RFC 9457 problem+json).

A refusal is raised, anywhere; the transaction rolls back and `server.http` answers it. Codes are
`noun.reason` and are never reused; independent clients branch on them. `docs/problems.md` is written from here.
Each file is named after the room whose codes it declares; whoever raises one takes it from here.
"""

from server.problems.accounts import *  # noqa: F403 - declared there, told here
from server.problems.checklists import *  # noqa: F403 - declared there, told here
from server.problems.complaints import *  # noqa: F403 - declared there, told here
from server.problems.documents import *  # noqa: F403 - declared there, told here
from server.problems.draws import *  # noqa: F403 - declared there, told here
from server.problems.evidence import *  # noqa: F403 - declared there, told here
from server.problems.exchange import *  # noqa: F403 - declared there, told here
from server.problems.ground import *  # noqa: F403 - declared there, told here
from server.problems.inspections import *  # noqa: F403 - declared there, told here
from server.problems.maps import *  # noqa: F403 - declared there, told here
from server.problems.notary import *  # noqa: F403 - declared there, told here
from server.problems.openrosa import *  # noqa: F403 - declared there, told here
from server.problems.planning import *  # noqa: F403 - declared there, told here
from server.problems.platform import *  # noqa: F403 - declared there, told here
from server.problems.publicity import *  # noqa: F403 - declared there, told here
from server.problems.quarantine import *  # noqa: F403 - declared there, told here
from server.problems.registry import *  # noqa: F403 - declared there, told here
from server.problems.reports import *  # noqa: F403 - declared there, told here
from server.problems.results import *  # noqa: F403 - declared there, told here
from server.problems.review import *  # noqa: F403 - declared there, told here
from server.problems.table import CATALOGUE as CATALOGUE
from server.problems.table import Problem as Problem
from server.problems.table import catalogue as catalogue
from server.problems.table import problems_as_markdown as problems_as_markdown
