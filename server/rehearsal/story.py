"""The day, step by step: drawn list → tasks → offline work → push and upload → review → result → platform."""

import time
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from server.rehearsal.capture import draw_photo, fill
from server.rehearsal.door import Door, RefusedError
from server.rehearsal.evening import counted, found_by_everybody
from server.rehearsal.phone import Draft, ScriptedPhone

PATIENCE = 60.0
DELIVERY_PATIENCE = 240.0  # a lost delivery is tried again after ten seconds, then twenty, then forty
PASSWORD = "merestone-demo"  # noqa: S105 - of the demo bureau only
MINE_FORM, SURVEY_FORM = "mine_overstep", "survey_quality"


class StoryBrokenError(Exception):
    """Something did not happen as the story has it."""


@dataclass
class Story:
    """One rehearsal against one server; stories of other `place`s go to other objects where there are some."""

    url: str
    say: Callable[[str], None]
    number: str = field(default_factory=lambda: datetime.now(UTC).strftime("%Y%m%d-%H%M%S"))
    place: int = 0
    steps: int = 0

    def play(self) -> None:
        """Play the whole day; raise StoryBrokenError or RefusedError where it breaks."""
        supervisor = Door(self.url)
        lead, drafts, wanted = self.field_day()
        supervisor.sign_in("supervisor1", PASSWORD)
        mine = drafts[MINE_FORM]
        self._returned(supervisor, lead, mine)
        self._corrected(supervisor, lead, mine)
        for draft in drafts.values():
            self._accepted(supervisor, draft)
        results = self.results(lead.door, supervisor, drafts, wanted)
        self.delivered(supervisor, results)
        self.public(supervisor, results)
        self.say(f"\n完成：{self.steps} 步全部成立。/ Done: all {self.steps} steps held.")

    def leave(self) -> None:
        """Play the day up to the evening: its two records are there, and wait for a supervisor."""
        self.field_day()
        self.say(
            f"\n完成：{self.steps} 步，记录待审核。/ Done: {self.steps} steps, the records wait for a review."
        )

    def field_day(self) -> tuple[ScriptedPhone, dict[str, Draft], int]:
        """Play from the draw to the evening; gives the phone, what was captured, and how many results it comes to."""
        lead, assistant = (
            ScriptedPhone(Door(self.url), self.say),
            ScriptedPhone(Door(self.url), self.say, "副机"),
        )
        self._draw(Door(self.url))
        tasks = self._morning(lead, assistant)
        drafts = self._offline(lead, tasks)
        self._connected(lead)
        return lead, drafts, sum(len(task["items"]) for _, task in tasks.values())

    def _seed(self) -> int:
        """Seed the day's drawings by its number: no two days look the same."""
        return zlib.crc32(self.number.encode())

    def _step(self, chinese: str, english: str) -> None:
        self.steps += 1
        self.say(f"\n{self.steps:>2}. {chinese}\n    {english}")

    def _told(self, words: str) -> None:
        self.say(f"    → {words}")

    def _expect(self, holds: bool, words: str) -> None:
        if not holds:
            raise StoryBrokenError(words)
        self._told(words)

    def _draw(self, planner: Door) -> None:
        self._step(
            "计划员导入省平台抽取并锁定的名单",
            "The planner imports the list that the province drew and locked",
        )
        planner.sign_in("planner1", PASSWORD)
        objects = planner.ask("GET", "/api/v1/objects", params={"limit": 200})
        mines, surveyors = ([each for each in objects if word in each["name"]] for word in ("矿", "测绘"))
        mine, surveyor = mines[self.place % len(mines)], surveyors[self.place % len(surveyors)]
        # From yesterday: the day's first inspection began hours ago, which may have been before midnight.
        first = date.today() - timedelta(days=1)  # noqa: DTZ011 - a date on the wall
        last = first + timedelta(days=31)
        rows = [
            {
                "task_no": f"PL-{self.number}-{place}",
                "task_name": name,
                "planned": planned,
                "object_name": chosen["name"],
                "uscc": chosen["uscc"],
                "lead": "inspector1",
                "inspectors": ["inspector1", "inspector2"],
                "opens_on": first.isoformat(),
                "due_on": last.isoformat(),
                "approval_no": f"阳自然资检审〔{first.year}〕{place}号",
                "notice_no": f"阳自然资检通〔{first.year}〕{place}号",
            }
            for place, (planned, name, chosen) in enumerate(
                [
                    ("2023年第一季度生产矿山抽查", "生产矿山抽查", mine),
                    ("2023年度对测绘成果质量的监督检查", "测绘成果质量监督检查", surveyor),
                ],
                start=1,
            )
        ]
        answer = planner.ask("POST", "/api/v1/platform/draws/import", {"rows": rows})
        self._told(f"已导入 {len(rows)} 项任务 / imported: {answer}")

    def _morning(
        self, lead: ScriptedPhone, assistant: ScriptedPhone
    ) -> dict[str, tuple[UUID, Mapping[str, Any]]]:
        self._step("检查人员登录手机并同步", "The inspectors sign in and pull")
        lead.sign_in("inspector1", PASSWORD)
        assistant.sign_in("inspector2", PASSWORD)
        tasks: dict[str, tuple[UUID, Mapping[str, Any]]] = {}
        until = time.monotonic() + PATIENCE
        while len(tasks) < 2:
            lead.pull()
            for identity, entity in lead.state.of_kind("task").items():
                if str(entity.body["number"]).startswith(f"PL-{self.number}"):
                    tasks[entity.body["forms"][0]["id"]] = (UUID(identity), entity.body)
            if time.monotonic() > until:
                raise StoryBrokenError("the tasks did not reach the phone; is the worker running?")
            time.sleep(0.3)
        assistant.pull()
        view = {kind: len(lead.state.of_kind(kind)) for kind in ("task", "object", "form", "record")}
        self._told(f"手机上现有 / on the phone: {view}")
        for form in (MINE_FORM, SURVEY_FORM):
            lead.form(form)
        return tasks

    def _offline(
        self, lead: ScriptedPhone, tasks: Mapping[str, tuple[UUID, Mapping[str, Any]]]
    ) -> dict[str, Draft]:
        self._step(
            "进山，没有信号：填写两张表，拍照、签名", "No signal: both forms are filled, photographed, signed"
        )
        drafts = {}
        for place, form_id in enumerate((MINE_FORM, SURVEY_FORM)):
            identity, task = tasks[form_id]
            body = lead.state.of_kind("object")[str(task["object"])].body
            started = datetime.now(UTC) - timedelta(
                minutes=270 - 135 * place
            )  # the way from one to the other
            filled = fill(task, body, form_id, started, self._seed() + 10 * place)
            drafts[form_id] = lead.capture_record(identity, form_id, filled, started)
            size = sum(len(capture.data) for capture in filled.captures)
            self._told(
                f"{body['name']}：{len(filled.captures)} 个文件 {size / 1e6:.1f} MB，已封存签名 / sealed and signed"
            )
        return drafts

    def _connected(self, lead: ScriptedPhone) -> None:
        self._step(
            "信号恢复：第一次推送的答复丢了，再推一次",
            "Signal: the first push's answer is lost, so it is pushed again",
        )
        lead.push(lose_reply=True)
        answers = lead.push()
        for answer in answers:
            self._told(
                f"{answer['outcome']} seq={answer['seq']} replayed={answer['replayed']} "
                f"state={answer['record_state']} 待传媒体 {len(answer['media_missing'])}"
            )
        self._expect(all(answer["replayed"] for answer in answers), "重复推送没有重复入库 / nothing twice")
        self._step("上传媒体，中途断网，续传", "Media goes up, the network is lost midway, it resumes")
        resent = lead.upload(cut_first_after=150_000)
        status = lead.door.ask("POST", "/api/v1/media/status", {"sha256": sorted(lead.files)[:500]})
        states = status.get("media", status)
        self._expect(
            all(state in {"stored", "durable"} for state in states.values()),
            f"{len(states)} 个文件全部到达，重发 {resent} 字节 / all arrived, {resent} bytes sent twice",
        )

    def _returned(self, supervisor: Door, lead: ScriptedPhone, mine: Draft) -> None:
        self._step(
            "审核人员退回矿山记录并标出字段", "The supervisor returns the mine record with marked fields"
        )
        self._await_state(supervisor, mine, "under_review")
        self._truthful(supervisor, mine)
        marks = [{"path": "/data/markers[1]/photo_near", "reason": "看不清刻号，请重拍"}]
        body = {"reason": "界桩刻号照片不清", "marks": marks}
        supervisor.ask("POST", f"/api/v1/records/{mine.record}/return", body)
        lead.pull()
        pulled = lead.state.of_kind("record")[str(mine.record)].body
        self._expect(
            pulled["state"] == "returned" and pulled["marks"] == marks,
            f"手机收到退回：{pulled['marks'][0]['path']} {pulled['marks'][0]['reason']}",
        )

    def _truthful(self, supervisor: Door, draft: Draft) -> None:
        """The form's own rules, followed again on the server, find nothing; positions are judged."""
        dossier = supervisor.ask("GET", f"/api/v1/records/{draft.record}")
        findings = dossier["findings"]
        broken = [each for each in findings if each["kind"] not in ("position", "media_missing")]
        self._expect(not broken, f"表单规则复核无误 / the form's rules hold: {broken}")
        for each in findings:
            if each["kind"] == "position":
                self._told(f"{each['path']}：{each['message']}")

    def _unquestioned(self, supervisor: Door, draft: Draft) -> None:
        """Nothing about the photos, positions and clocks of this day makes the server ask its reviewer."""
        dossier = supervisor.ask("GET", f"/api/v1/records/{draft.record}")
        asked = [f"{each['code']} {each['items']}" for each in dossier["doubts"]]
        self._expect(
            not asked, f"照片、定位、时钟没有疑问 / nothing to ask about photos, positions, clocks: {asked}"
        )

    def _corrected(self, supervisor: Door, lead: ScriptedPhone, mine: Draft) -> None:
        self._step("检查人员补拍并重新提交", "The inspector takes the photo again and sends the correction")
        old = mine.heads[0]
        photo = draw_photo("J1-near-again.jpg", "J1 engraved 刻号", self._seed())
        lead.correct(mine, {"/data/markers[1]/photo_near": photo.name}, {photo.name: photo})
        lead.push()
        lead.upload()
        self._await_state(supervisor, mine, "under_review")
        compared = supervisor.ask(
            "GET", f"/api/v1/records/{mine.record}/compare", params={"old": old, "new": mine.heads[0]}
        )
        changed = [change["path"] for change in compared["changes"]]
        self._expect(
            "/data/markers[1]/photo_near" in changed, f"新旧对照，改动 {changed} / old and new side by side"
        )

    def _accepted(self, supervisor: Door, draft: Draft) -> None:
        self._step(f"审核通过 {draft.form_id}", f"The supervisor accepts {draft.form_id}")
        self._await_state(supervisor, draft, "under_review")
        self._unquestioned(supervisor, draft)
        answer = supervisor.ask("POST", f"/api/v1/records/{draft.record}/accept", {})
        self._expect(answer["state"] == "final", "记录已定稿 / the record is final")

    def results(
        self, inspector: Door, supervisor: Door, drafts: Mapping[str, Draft], count: int
    ) -> list[Mapping[str, Any]]:
        """Wait for the results of accepted records; the inspector confirms and the supervisor releases each."""
        self._step(
            "结果自动起草，检查人员确认，审核人员发布",
            "Results are drafted, confirmed by the inspector, released",
        )
        tasks = [str(draft.task) for draft in drafts.values()]
        results: list[Mapping[str, Any]] = []
        until = time.monotonic() + PATIENCE
        while len(results) < count:
            pages = (inspector.ask("GET", "/api/v1/results", params={"task": task}) for task in tasks)
            results = [result for page in pages for result in page]
            if time.monotonic() > until:
                raise StoryBrokenError(
                    f"only {len(results)} of {count} results were drafted; is the worker running?"
                )
            time.sleep(0.3)
        for result in results:
            inspector.ask("POST", f"/api/v1/results/{result['id']}/confirm", {})
            released = supervisor.ask("POST", f"/api/v1/results/{result['id']}/release", {})
            self._told(
                f"{released['item_code']}: {released['codes']}，录入期限 {released['due_on']}（{released['due_rule']}）"
            )
        return results

    def delivered(self, supervisor: Door, results: list[Mapping[str, Any]]) -> None:
        """Wait until the platform has a receipt for each result."""
        self._step("结果送达省平台，取得回执", "The results reach the platform, with receipts")
        wanted = {str(result["id"]) for result in results}
        until, told = time.monotonic() + DELIVERY_PATIENCE, ""
        while True:
            pages = (supervisor.ask("GET", "/api/v1/deliveries", params={"result": one}) for one in wanted)
            mine = [each for page in pages for each in page]
            accepted = [each for each in mine if each["state"] == "accepted"]
            if len(accepted) == len(wanted):
                break
            states = f"{len(accepted)}/{len(wanted)} 已回执，第 {max((e['attempts'] for e in mine), default=0)} 次尝试"
            if states != told:
                told = states
                self._told(f"{states} / accepted so far")
            if time.monotonic() > until:
                reasons = sorted({f"{each['state']} {each['errors']}" for each in mine})
                raise StoryBrokenError(f"not all were accepted: {reasons}; is MERESTONE_PLATFORM_URL right?")
            time.sleep(0.5)
        for each in accepted:
            self._told(
                f"{each['key']}：第 {each['attempts']} 次送达，回执 {(each['receipt'] or {}).get('receipt', each['receipt'])}"
            )

    def public(self, supervisor: Door, results: list[Mapping[str, Any]]) -> None:
        """Find what was released as anybody does, and count it from a snapshot."""
        self._step(
            "结果已公示，任何人可按企业名称查询；统计取自冻结的快照",
            "The results are public, found by anybody; figures come from a frozen snapshot",
        )
        found = found_by_everybody(supervisor, Door(self.url), results)
        self._expect(len(found) >= len(results), f"查到 {len(found)} 条公示 / found by everybody")
        for each in found[: len(results)]:
            self._told(f"{each['object_name']} {each['item_name']}：{each['result']}")
        total = counted(supervisor)
        completion = total["completion"]
        self._expect(
            total["holds"] and completion["part"] > 0,
            f"抽查 {completion['whole']} 户，已公示 {completion['part']} 户，完成率 {completion['percent']}%，"
            f"快照 {total['sha256'][:12]} / from a snapshot that holds",
        )

    def _await_state(self, supervisor: Door, draft: Draft, state: str) -> Mapping[str, Any]:
        until = time.monotonic() + PATIENCE
        while True:
            record: Mapping[str, Any] = supervisor.ask("GET", f"/api/v1/records/{draft.record}")
            if record["state"] == state:
                return record
            if time.monotonic() > until:
                raise StoryBrokenError(f"the record stays {record['state']}, not {state}")
            time.sleep(0.3)


def rehearse(url: str, say: Callable[[str], None]) -> None:
    """Play the story; the refusals and breaks it raises are for the caller to show."""
    _told(lambda: Story(url, say).play())


def leave_for_review(url: str, say: Callable[[str], None], days: int) -> None:
    """Play the field part of the story `days` times: two records each wait for a supervisor then."""
    for place in range(days):
        story = Story(url, say, place=place)
        story.number += f"-{place + 1}"
        _told(story.leave)


def _told(play: Callable[[], None]) -> None:
    try:
        play()
    except RefusedError as refused:
        raise StoryBrokenError(f"the server refused: {refused}") from refused
