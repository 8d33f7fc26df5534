"""The demo bureau: Yangcheng county's (invented people, mines, firms) and Chengde's, with their real plans, and visits to begin with."""

from server.demo.draw import load_demo_draw
from server.demo.loading import demo_actor, load_demo_plans, load_demo_registry
from server.demo.mines import MINES
from server.demo.people import CHENGDE, DEMO_PASSWORD, PEOPLE, YANGCHENG
from server.demo.plan_workbooks import chengde_plan, yangcheng_internal_plan, yangcheng_joint_plan
from server.demo.publications import load_demo_publications
from server.demo.stock_phone import load_demo_phone
from server.demo.surveyors import SURVEYORS
from server.demo.visits import VISITS, load_demo_visits

__all__ = [
    "CHENGDE",
    "DEMO_PASSWORD",
    "MINES",
    "PEOPLE",
    "SURVEYORS",
    "VISITS",
    "YANGCHENG",
    "chengde_plan",
    "demo_actor",
    "load_demo_draw",
    "load_demo_phone",
    "load_demo_plans",
    "load_demo_publications",
    "load_demo_registry",
    "load_demo_visits",
    "yangcheng_internal_plan",
    "yangcheng_joint_plan",
]
