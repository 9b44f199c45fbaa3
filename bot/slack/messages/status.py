"""What `/copy-backup status` and `/copy-backup list` show, to one person only."""

from collections.abc import Mapping
from datetime import timedelta

from bot.domain.overview import Unread
from bot.domain.ports import Message
from bot.domain.requests import CopyRequest
from bot.domain.sentences import question as words
from bot.domain.steps import Step
from bot.slack.blocks import Block, actions, button, context, header, section
from bot.slack.describe import Names, end_as_told, kept_as_asked, one_line, paragraphs, step_fields, title
from bot.slack.ids import COMMAND, LIST_NEWER, LIST_OLDER
from bot.slack.messages.card import copy_ended, ended_since, status_line
from bot.slack.messages.happened import happened
from bot.slack.messages.undelivered import WHY, undelivered
from bot.slack.names import Pairs
from bot.slack.text import code, cut, date, escape, passed, plain, quoted
from bot.workflows.status import PAGE, Health, Page, Told

SECTION = 2_900
MOST_STEPS, MOST_TABLES = 20, 5
# An inventory that was last read longer ago than this is worth a word.
OLD = timedelta(minutes=30)


def health(seen: Health, names: Names) -> Message:
    """Whether the bot does its work, and what stands in its way."""
    troubles = _troubles(seen, names)
    opening = f":warning: *{len(troubles)} to look at*" if troubles else ":white_check_mark: *All is well*"
    lines = [*_line_lines(seen), *_work_lines(seen), *_inventory_lines(seen, names), *_end_lines(seen, names)]
    blocks: list[Block] = [
        section(opening + "".join(f"\n• {trouble}" for trouble in troubles)),
        section(cut("\n".join(lines), SECTION)),
        *undelivered(seen.dead, seen.counts.dead),
        context(f"`{COMMAND} status CB-42` tells about one request, `{COMMAND} list open` about all that are open."),
    ]
    text = f"{len(troubles)} to look at: {' '.join(troubles)}" if troubles else "All is well."
    return Message(text=cut(text, 3_000), blocks=tuple(blocks))


def one_request(told: Told, names: Names) -> Message:
    """One request in full."""
    request = told.request
    params = [step.params for step in request.steps]
    where = f"<{told.link}|Open its thread>" if told.link else f"Its thread is in <#{request.channel}>"
    asked = f"Asked by <@{request.requester.user_id}> on {date(request.created_at)}. {where}."
    status = status_line(request)
    pairs = [_step_pairs(request, step, names) for step in request.steps[:MOST_STEPS]]
    plan = [section(cut(paragraph, SECTION)) for paragraph in paragraphs(params[:MOST_STEPS], pairs, names)]
    more = [context(f"… and {len(params) - MOST_STEPS} more steps.")] if len(params) > MOST_STEPS else []
    return Message(
        text=f"{request.id}: {cut(status, 500)}",
        blocks=(
            header(plain(f"{request.id}: {title(params, names)}", 150)),
            section(cut(status, SECTION)),
            *plan,
            *more,
            section(cut(f"*Why:*\n{quoted(request.reason, 1_500)[0]}", SECTION)),
            *happened(request.id, told.history, request.steps),
            context(asked),
        ),
    )


def _step_pairs(request: CopyRequest, step: Step, names: Names) -> Pairs:
    """A step's fields; of a copy that was made its ARN, and the end that AWS told in the place of the estimate."""
    pairs, params, made = step_fields(step.params, names), step.copy, request.made_by(step)
    if params is None or step.result_arn is None:
        return pairs
    copy = ("Copy", code(step.result_arn))
    if made is None or (made.told_at is None and made.end is None):
        later = [("Expires", end_as_told(None, known=False))] if made else []
        return [*pairs, copy, *later]
    asked = [(name, kept_as_asked(params.retention) if name == "Kept" else value) for name, value in pairs]
    if made.end is None:
        return [*asked, copy, ("Expires", end_as_told(made.delete_at, known=True))]
    ended = copy_ended(made)
    return [*asked, copy, ("Ended", f"{ended[0].upper()}{ended[1:]}")]


def requests(page: Page, names: Names) -> Message:
    """A page of requests, with buttons to the next ones."""
    what = f" for “{escape(cut(page.asked, 100))}”" if page.asked else ""
    if not page.requests:
        return _none(page, what)
    lines = [_request_line(request, names) for request in page.requests]
    first, last = page.offset + 1, page.offset + len(page.requests)
    opening = f"Requests {first} to {last}{what}, newest first."
    return Message(
        text=f"{opening} {', '.join(request.id for request in page.requests)}",
        blocks=(section(f"*{opening}*"), *(section(line) for line in lines), *_pager(page)),
    )


def _none(page: Page, what: str) -> Message:
    """Nothing to show: what leads on, and never what was just asked for."""
    if page.has_all:
        said, hint = "No requests yet.", f"Type `{COMMAND}` to ask for the first one."
    else:
        said = f"No requests{what}."
        hint = f"`{COMMAND} list all` shows every request; `{COMMAND}` asks for a new copy."
    return Message(text=f"{said} {hint.replace('`', '')}", blocks=(section(said), context(hint)))


def _troubles(seen: Health, names: Names) -> list[str]:
    pulse, counts = seen.pulse, seen.counts
    found = []
    if seen.unread:
        places = ", ".join(_unread(one, names) for one in seen.unread)
        found.append(f"I cannot read {places}. Nothing is known to have failed; the threads say what to do.")
    if pulse.paused and pulse.paused_since:
        found.append(
            f"Slack does not accept my token ({code(pulse.paused)}) since {date(pulse.paused_since)}: notices wait. "
            "An operator has to install the app again and start me with the new token."
        )
    if pulse.late:
        found.append(f"Late: {', '.join(escape(name) for name in pulse.late)}. Restarting me may help.")
    for closed in seen.closed[:10]:
        why = WHY.get(closed.code) or f"Slack says {code(closed.code)}"
        found.append(f"<#{closed.channel}> takes no messages since {date(closed.since)}: {why}.")
    if counts.dead:
        found.append(f"{_number(counts.dead, 'notice')} could not be delivered.")
    unread = [area for area in seen.areas if area.error]
    if unread:
        found.append(f"AWS cannot be read in {_number(len(unread), 'place')}; what was known of them is shown.")
    if seen.undrilled:
        named = ", ".join(code(table.name) for table in seen.undrilled[:MOST_TABLES])
        more = f" and {len(seen.undrilled) - MOST_TABLES} more" if len(seen.undrilled) > MOST_TABLES else ""
        found.append(
            f"{_number(len(seen.undrilled), 'drill')} overdue and not asked for: {named}{more}. "
            f"`{COMMAND} drill list` has a button to ask by hand, which tells what is in the way."
        )
    return found


def _unread(one: Unread, names: Names) -> str:
    since = f" (since {date(one.since)})" if one.since else ""
    return f"{_number(one.number, 'job')} in {names.account(one.account)}{since}"


def _line_lines(seen: Health) -> list[str]:
    counts = seen.counts
    waiting = f", the oldest since {date(counts.waiting_since)}" if counts.waiting_since else ""
    line = "paused" if seen.pulse.paused else "open"
    return [f"*Line to Slack:* {line} · {_number(counts.pending, 'notice')} waiting{waiting}"]


def _work_lines(seen: Health) -> list[str]:
    slowest = max(seen.pulse.ages.items(), key=lambda pair: pair[1], default=None)
    sweeps = (
        f"*Sweeps:* {len(seen.pulse.ages)}, the oldest success {passed(slowest[1].total_seconds())} "
        f"({escape(slowest[0])})"
        if slowest
        else "*Sweeps:* not running"
    )
    unknown = seen.counts.unknown_failures
    untold = [f"*Failures that I could not translate:* {unknown}, shown in AWS's own words"] if unknown else []
    lines = [sweeps, f"*Requests:* {_states(seen.counts.requests)}", f"*Steps:* {_states(seen.counts.steps)}"]
    return [*lines, *untold]


def _inventory_lines(seen: Health, names: Names) -> list[str]:
    read = [area.read_at for area in seen.areas if area.read_at]
    if not read:
        return ["*Inventory:* not read yet"]
    age = seen.now - min(read)
    oldest = "the oldest " if len(read) > 1 else ""
    lines = [f"*Inventory:* {_number(len(seen.areas), 'place')}, {oldest}read {passed(age.total_seconds())}"]
    if age > OLD:
        lines = [f":warning: *Inventory:* the oldest part is from {date(min(read))}"]
    errors = [area for area in seen.areas if area.error][:5]
    return [*lines, *(f"    {names.account(a.account)} {a.region}: {cut(escape(a.error), 200)}" for a in errors)]


def _end_lines(seen: Health, names: Names) -> list[str]:
    copy = seen.next_end
    if copy is None or copy.delete_at is None:
        return ["*Next end of a copy:* none in sight"]
    return [f"*Next end of a copy:* {date(copy.delete_at)}, {code(copy.table_name)} in {names.place(copy.vault)}"]


def _request_line(request: CopyRequest, names: Names) -> str:
    state = ", ".join(filter(None, [_state(request), ended_since(request)]))
    head = f"*{request.id}* · {state} · <@{request.requester.user_id}> · {date(request.created_at)}"
    more = f" (and {len(request.steps) - 1} more)" if len(request.steps) > 1 else ""
    return cut(f"{head}\n{one_line(request.steps[0].params, names)}{more}", SECTION)


def _pager(page: Page) -> list[Block]:
    before, after = max(0, page.offset - PAGE), page.offset + len(page.requests)
    newer = button(LIST_NEWER, "Newer", f"{before} {page.asked}"[:2000], spoken="Newer requests")
    older = button(LIST_OLDER, "Older", f"{after} {page.asked}"[:2000], spoken="Older requests")
    buttons = [*([newer] if page.has_newer else []), *([older] if page.has_older else [])]
    return [actions(f"list:{page.offset}", buttons)] if buttons else []


def _states(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{number} {_words(state)}" for state, number in sorted(counts.items())) or "none"


def _state(request: CopyRequest) -> str:
    return words.UNKNOWN.lower() if request.is_unknown else _words(request.state)


def _words(state: str) -> str:
    return escape(state.lower())


def _number(count: int, what: str) -> str:
    return f"1 {what}" if count == 1 else f"{count} {what}s"
