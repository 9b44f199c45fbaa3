"""Scenes of schedules: one comes into force, runs, is paused and resumed, and ends; what it copies it copies once."""

from collections.abc import Iterator

from bot.domain.notices import NoticeKind
from bot.sandbox.worlds import BACKUP
from tests.chaos.scenes import Count, Scene
from tests.chaos.stage import Stage
from tests.chaos.witness import EU
from tests.flows.forms import Form

SCHEDULE = NoticeKind.SCHEDULE
TABLE = "table-anna"


def fill_in(form: Form) -> None:
    form.begin("schedule bot", "Tables").select("Tables of", "prod · us-east-1", redraws=False)
    form.write("Tables", TABLE).pick("Copy to", "dr-vault backup eu-west-1", redraws=False)
    form.write("Keep copies for days", "400").write("When", "0 3 * * *").write("Time zone", "UTC")
    form.write("Reason", "Every night, for the auditors.").reviewed()


def run_every_night(stage: Stage) -> None:
    """Two runs, of which the second finds nothing new; a pause; the word that the approval ends, and its end."""
    standing = stage.ask(stage.with_form(fill_in), "newest backup")
    stage.approve(standing)
    stage.wait(lambda: stage.said(NoticeKind.COMPLETED, "in force"), "the schedule in force")
    stage.later(days=1)
    run = stage.wait(lambda: [one.id for one in stage.seen.requests() if one.id != standing and one.ended], "a run")
    stage.expect(run[0])
    stage.wait(lambda: stage.said(SCHEDULE, "Run started"), "what the run came to")
    stage.later(days=1)
    stage.wait(lambda: stage.said(SCHEDULE, "nothing new"), "a run that finds nothing new")
    change(stage, "Pause", "paused this schedule")
    change(stage, "Resume", "resumed this schedule")
    stage.later(days=85)
    stage.wait(lambda: stage.said(SCHEDULE, "of this schedule ends"), "the word that the approval ends")
    stage.later(days=10)
    stage.wait(lambda: stage.said(SCHEDULE, "has ended"), "the end of the approval")


def change(stage: Stage, button: str, said: str) -> None:
    def act() -> object:
        stage.person("anna").command("/copy-backup schedule list")
        listed = stage.look(lambda: stage.whispered("anna", f'"{button}"'), 3)
        return listed is not None and stage.person("anna").click(listed, button).ok

    stage.until(lambda: stage.said(SCHEDULE, said), act, f"a schedule that was {said}")


def copied_once(stage: Stage) -> Iterator[Count]:
    vault = stage.worlds.aws.world.state.books(BACKUP, EU).vaults["dr-vault"]
    yield "copies in the vault", len(vault.points), 1


# AWS has forgotten the copy job by the end, after 30 days; the copy itself is there.
SCENES = (
    Scene("run every night", run_every_night, {NoticeKind.STARTED: 1, NoticeKind.COMPLETED: 2}, counts=copied_once),
)
