"""What is said once of restores, drills, changed plans and schedules."""

from collections.abc import Callable, Mapping
from datetime import timedelta

from bot.domain.backups import table_place_of
from bot.domain.params import ChangePlanParams, CompareParams, DeleteTableParams, Params, RecurParams, RestoreParams
from bot.domain.ports import Message
from bot.domain.requests import CopyRequest
from bot.domain.steps import Step
from bot.slack.blocks import Block, context, section
from bot.slack.names import Names
from bot.slack.table_words import TABLE_WORDS
from bot.slack.text import code, cut, date, duration, escape, moment, ours

Facts = Mapping[str, object]
Said = Callable[[CopyRequest, Step, Facts, Names], Message]
# Slack takes 50 blocks; what a table lacks has more rows than this only where it has many indexes or alarms.
MOST_LACKS = 40
_LONGEST = 2_900


def step_done(request: CopyRequest, step: Step, facts: Facts, names: Names) -> Message | None:
    """The message for a finished step of these kinds; None for any other."""
    said = DONE.get(type(step.params))
    return said(request, step, facts, names) if said else None


def schedule(request: CopyRequest, facts: Facts, names: Names) -> Message:
    """What became of a run, or of the schedule itself."""
    return _said(" ".join(filter(None, (SCHEDULES[str(facts.get("what"))](facts), *_also(facts)))))


def _restored(request: CopyRequest, step: Step, facts: Facts, names: Names) -> Message:
    params = _restore(step.params)
    place = f"{names.account(params.target[0])} ({params.target[1]})"
    took = duration(facts.get("seconds"))
    if params.is_drill:
        head = f":white_check_mark: *Restored for the drill:* {code(params.table)} as {code(params.name)}"
        return _said(f"{head} in {place}, in {took}.")
    head = f":white_check_mark: *Restored:* {code(params.table)} is back as {code(params.name)} in {place}, in {took}."
    lacks = _lacks(facts)
    blocks: list[Block] = [section(head), section(cut(_preface(facts), _LONGEST))]
    for part, command in lacks[:MOST_LACKS]:
        blocks.append(section(f"*{escape(part)}*\n{_pasted(command)}"))
    if len(lacks) > MOST_LACKS:
        rest = ", ".join(escape(part) for part, _ in lacks[MOST_LACKS:])
        blocks.append(section(cut(f"*More than a message holds:* {rest}.", _LONGEST)))
    if not facts.get("alarms_recorded"):
        head_of = "*CloudWatch alarms* watch tables by name, and were not recorded. Those of the old table:"
        blocks.append(section(f"{head_of}\n{_pasted(_alarms(params))}"))
    unseen = _mapping(facts.get("unseen"))
    if unseen:
        words = "; ".join(f"{part}: {reason}" for part, reason in unseen.items())
        blocks.append(section(cut(f"*Not recorded, since AWS did not show it:* {escape(words)}", _LONGEST)))
    blocks.append(context(f"{request.id} · {code(str(facts.get('table_arn')))} · <@{request.requester.user_id}>"))
    names_of = ", ".join(escape(part) for part, _ in lacks) or "nothing that was recorded"
    text = f"{head.replace('*', '')} Still to be set up by hand: {names_of}."
    return Message(text=cut(text, 3_900), blocks=tuple(blocks), broadcast=True)


def _preface(facts: Facts) -> str:
    taken = moment(facts.get("recorded_at"))
    if taken is None:
        return (
            "*What DynamoDB does not bring back* (auto scaling, alarms, tags, streams, time to live, "
            "point-in-time recovery, deletion protection, resource policy) was not recorded for this backup: "
            "set it up by hand."
        )
    if facts.get("was_gone"):
        return (
            f"*What DynamoDB does not bring back* could not be recorded: when the copy was made ({date(taken)}) there "
            "was no table any more. Set up auto scaling, alarms, tags, streams, time to live, point-in-time recovery, "
            "deletion protection and resource policy by hand."
        )
    if not _lacks(facts):
        return (
            f"*What DynamoDB does not bring back:* nothing of it was in use when the table's settings were recorded, "
            f"{date(taken)}."
        )
    return (
        f"*What DynamoDB does not bring back,* from the table's settings as recorded {date(taken)}, with the commands "
        "that bring it back:"
    )


def _compared(request: CopyRequest, step: Step, facts: Facts, names: Names) -> Message:
    found, expected = _number(facts.get("found")), facts.get("expected")
    more = "" if facts.get("complete") else " (the first that a scan gave; the rest was not read)"
    head = f"{found:,} items restored{more}"
    if facts.get("basis") == "nothing":
        return _said(
            f":grey_question: *Compared:* {head}. Nothing was recorded, and there is no table to compare with."
        )
    basis = _basis(facts)
    about = "" if facts.get("is_exact") else "about "
    sampled, missing, different = (_number(facts.get(key)) for key in ("sampled", "missing", "different"))
    sample = f"of a sample of {sampled}, {sampled - missing - different} are the same"
    if missing or different:
        sample += f", {different} differ, {missing} are missing"
    counts = f"{head}, {about}{_number(expected):,} {basis}; {sample}."
    if facts.get("agrees"):
        return _said(f":white_check_mark: *Compared: it agrees.* {counts}")
    return _said(
        f":warning: *Compared: it differs.* {counts} A table that was written to between its backup and the record "
        "differs like this; if it was not, look at it before you rely on this backup.",
        loud=True,
    )


def _basis(facts: Facts) -> str:
    taken = moment(facts.get("recorded_at"))
    when = f" ({date(taken)})" if taken else ""
    return f"in the table as it is now{when}" if facts.get("basis") == "live" else f"recorded at the copy{when}"


def _drilled(request: CopyRequest, step: Step, facts: Facts, names: Names) -> Message:
    """The end of a drill: what it took, measured, until the table could be used."""
    times, whole = _times(request)
    took = "; ".join(f"{word} {duration(time.total_seconds())}" for word, time in times)
    table = getattr(step.params, "table", "")
    text = (
        f":stopwatch: *Drill passed:* {code(table)} could be used {duration(whole.total_seconds())} after the start "
        f"({took}). Its own table {code(getattr(step.params, 'name', ''))} is deleted again."
    )
    return Message(text=text.replace("*", ""), blocks=(section(text), context(request.id)), broadcast=True)


def _times(request: CopyRequest) -> tuple[list[tuple[str, timedelta]], timedelta]:
    words = {"copy": "copied back in", "restore": "restored in", "compare-table": "compared in"}
    done = [step for step in request.steps if step.started_at and step.finished_at]
    times = [(words[step.kind], _between(step)) for step in done if step.kind in words]
    ends = [step.finished_at for step in done if isinstance(step.params, RestoreParams) and step.finished_at]
    starts = [step.started_at for step in done if step.started_at]
    return times, (ends[0] - min(starts)) if ends and starts else timedelta(0)


def _between(step: Step) -> timedelta:
    if step.started_at is None or step.finished_at is None:
        return timedelta(0)
    return max(timedelta(0), step.finished_at - step.started_at)


def _plan_changed(request: CopyRequest, step: Step, facts: Facts, names: Names) -> Message:
    line = TABLE_WORDS[ChangePlanParams].one_line(step.params, names)
    return _said(
        f":white_check_mark: *The backup plan is changed,* and read back: {line}. It is version "
        f"{code(str(facts.get('version')))} now; backups made from now on follow it.",
        loud=True,
    )


def _in_force(request: CopyRequest, step: Step, facts: Facts, names: Names) -> Message:
    line = TABLE_WORDS[RecurParams].one_line(step.params, names)
    return _said(
        f":repeat: *The schedule is in force:* {line}.{_next(facts)} `/copy-backup schedule list` shows it.", loud=True
    )


def _ran(facts: Facts) -> str:
    return f":repeat: Run started as {_listed(facts.get('requests'))}.{_next(facts)}"


def _skipped(facts: Facts) -> str:
    return f":fast_forward: Run skipped: {_listed(facts.get('before'))} of the run before still copies.{_next(facts)}"


def _nothing(facts: Facts) -> str:
    return f":heavy_minus_sign: Run made: there was nothing new to copy.{_next(facts)}"


def _failed(facts: Facts) -> str:
    made = f" ({_listed(facts.get('requests'))} was started before)" if facts.get("requests") else ""
    return f":x: The run could not be started{made}: {escape(str(facts.get('reason')))}{_next(facts)}"


def _ends(facts: Facts) -> str:
    end = moment(facts.get("until"))
    return (
        f":alarm_clock: The standing approval of this schedule ends {date(end) if end else 'soon'}; then it copies no "
        "more. Type `/copy-backup schedule` to ask for a new one."
    )


def _ended(facts: Facts) -> str:
    return ":checkered_flag: The standing approval has ended, and with it this schedule. Nothing is copied any more."


SCHEDULES: Mapping[str, Callable[[Facts], str]] = {
    "ran": _ran,
    "skipped": _skipped,
    "nothing": _nothing,
    "failed": _failed,
    "ends": _ends,
    "ended": _ended,
    "paused": lambda facts: f":double_vertical_bar: <@{facts.get('by')}> paused this schedule.",
    "resumed": lambda facts: f":arrow_forward: <@{facts.get('by')}> resumed this schedule.{_next(facts)}",
    "deleted": lambda facts: f":wastebasket: <@{facts.get('by')}> deleted this schedule.",
}

DONE: Mapping[type, Said] = {
    RestoreParams: _restored,
    CompareParams: _compared,
    DeleteTableParams: _drilled,
    ChangePlanParams: _plan_changed,
    RecurParams: _in_force,
}


def _also(facts: Facts) -> list[str]:
    """What else a run has to tell: missed ones, tables without anything new, tables that could not be copied."""
    missed, said = _number(facts.get("missed")), []
    if missed:
        runs = "1 run was" if missed == 1 else f"{missed:,} runs were"
        said.append(f"{runs} missed before it and {'is' if missed == 1 else 'are'} made up for by this one.")
    if facts.get("unchanged"):
        said.append(f"Copied already, and nothing newer there: {_codes(facts['unchanged'])}.")
    if facts.get("refused"):
        said.append(f"Not copied: {escape('; '.join(_list(facts['refused'])[:20]))}.")
    return [cut(words, 1_200) for words in said]


def _next(facts: Facts) -> str:
    due = moment(facts.get("next_run_at"))
    return f" Next run {date(due)}." if due else ""


def _listed(requests: object) -> str:
    return ", ".join(_list(requests)) or "a request"


def _codes(values: object) -> str:
    return ", ".join(code(value) for value in _list(values)[:30])


def _list(values: object) -> list[str]:
    return [str(value) for value in values] if isinstance(values, list | tuple) else []


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}


def _lacks(facts: Facts) -> list[tuple[str, str]]:
    pairs = facts.get("lacks")
    return [(str(pair[0]), str(pair[1])) for pair in pairs] if isinstance(pairs, list | tuple) else []


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0


def _restore(params: Params) -> RestoreParams:
    if not isinstance(params, RestoreParams):
        raise TypeError(f"a restore was told of {type(params).__name__}")
    return params


def _pasted(command: str) -> str:
    """A command to be pasted; one with a backtick in it cannot be shown as code, and one too long is said to be."""
    if len(command) > 2_600:
        return "The command is too long for a message; its parts stand in the record of the copy."
    return f"```{ours(command.replace('`', chr(39)))}```"


def _alarms(params: RestoreParams) -> str:
    """The command that finds the old table's alarms, where that table was."""
    _, region = table_place_of(params.point.table_arn)
    query = f"MetricAlarms[?Dimensions[?Name=='TableName' && Value=='{params.table}']].AlarmName"
    return f'aws cloudwatch describe-alarms --region {region} --query "{query}"'


def _said(text: str, *, loud: bool = False) -> Message:
    return Message(text=text, blocks=(section(text),), broadcast=loud)
