"""Messages and views of the local Slack can be read as plain text."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from bot.sandbox.clock import WorldClock
from bot.sandbox.slack import (
    ANNA,
    BACKUP_ADMINS,
    BACKUPS,
    BOT_USER,
    LocalSlack,
    Message,
    render_message,
    render_view,
)
from tests.contract.sandbox_slack_bots import (
    Json,
    actions,
    button,
    input_block,
    modal,
    option,
    plain,
    scripted_bot,
    section,
    select,
    text_input,
    type_ahead,
)

NOW = datetime(2026, 11, 22, 14, 5, tzinfo=UTC)


@pytest.fixture
def slack() -> Iterator[LocalSlack]:
    with LocalSlack(clock=WorldClock(NOW, speed=0)) as running:
        yield running


def rendered(slack: LocalSlack, *blocks: Json, text: str = "", tz: str = "UTC", **more: object) -> list[str]:
    """Return the lines below the byline."""
    message = Message(channel=BACKUPS, ts="1795356300.000000", user=BOT_USER, text=text, blocks=list(blocks))
    return render_message(message, slack.workspace, tz).splitlines()[1:]


def test_the_byline_says_who_when_and_for_whom(slack: LocalSlack) -> None:
    ts = f"{NOW.timestamp():.6f}"
    public = Message(channel=BACKUPS, ts=ts, user=ANNA, text="hi")
    private = Message(channel=BACKUPS, ts=ts, user=BOT_USER, text="psst", ephemeral_to=ANNA)

    assert render_message(public, slack.workspace, "Europe/Berlin") == "Anna · 15:05\nhi"
    assert render_message(private, slack.workspace) == "Copy Backup · 14:05 · only visible to Anna\npsst"


def test_mentions_links_and_entities_are_resolved(slack: LocalSlack) -> None:
    text = (
        f"<@{ANNA}> asks <!subteam^{BACKUP_ADMINS}> in <#{BACKUPS}> &lt;now&gt; &amp; <!here> "
        "<https://a.example|console> <https://b.example>"
    )

    assert rendered(slack, section(text)) == [
        "@Anna asks @backup-admins in #backups <now> & @here console (https://a.example) https://b.example"
    ]


def test_bold_loses_its_stars_and_names_keep_their_underscores(slack: LocalSlack) -> None:
    assert rendered(slack, section("*Table* `my_big_table` 2*3*4")) == ["Table `my_big_table` 2*3*4"]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("{date_num} {time}", "2026-11-22 3:05 PM"),
        ("{date}", "November 22nd, 2026"),
        ("{date_short}", "Nov 22, 2026"),
        ("{date_long}", "Sunday, November 22nd, 2026"),
        ("{date_short_pretty} at {time_secs}", "today at 3:05:00 PM"),
        ("{ago}", "just now"),
        ("{nonsense}", "{nonsense}"),
    ],
)
def test_a_date_is_shown_in_the_readers_zone(slack: LocalSlack, pattern: str, expected: str) -> None:
    token = f"<!date^{int(NOW.timestamp())}^{pattern}|fallback>"

    assert rendered(slack, section(token), tz="Europe/Berlin") == [expected]


@pytest.mark.parametrize(
    ("offset", "pretty", "ago"),
    [
        (timedelta(days=-1), "yesterday", "1 day ago"),
        (timedelta(days=1), "tomorrow", "in 1 day"),
        (timedelta(days=2), "November 24th, 2026", "in 2 days"),
        (timedelta(hours=-3), "today", "3 hours ago"),
        (timedelta(minutes=5), "today", "in 5 minutes"),
    ],
)
def test_near_dates_are_told_by_their_distance(slack: LocalSlack, offset: timedelta, pretty: str, ago: str) -> None:
    at = int((NOW + offset).timestamp())

    assert rendered(slack, section(f"<!date^{at}^{{date_pretty}}|x> <!date^{at}^{{ago}}|x>")) == [f"{pretty} {ago}"]


def test_a_broken_date_shows_its_fallback(slack: LocalSlack) -> None:
    assert rendered(slack, section("<!date^soon|at noon>")) == ["at noon"]


def test_a_card_is_read_from_top_to_bottom(slack: LocalSlack) -> None:
    blocks: list[Json] = [
        {"type": "header", "text": plain("Copy request CB-42")},
        {"type": "section", "fields": [{"type": "mrkdwn", "text": "*Table*\norders"}, plain("one line")]},
        {"type": "divider"},
        {"type": "context", "elements": [plain("Waiting"), {"type": "mrkdwn", "text": "*1* of 2"}]},
        actions(button("Approve", "a", style="primary"), button("Reject", "r", style="danger")),
        section("More", accessory={"type": "overflow", "action_id": "o", "options": [option("Retry")]}),
        {"type": "image", "image_url": "https://x", "alt_text": "a graph"},
        {"type": "video"},
    ]

    assert rendered(slack, *blocks) == [
        "# Copy request CB-42",
        "Table: orders",
        "one line",
        "---",
        "(Waiting · 1 of 2)",
        "[Approve] [Reject]",
        "More",
        "[… Retry]",
        "[image: a graph]",
        "(video)",
    ]


def test_rich_text_tables_and_plans_are_read_too(slack: LocalSlack) -> None:
    def rich(*parts: Json) -> Json:
        return {"type": "rich_text", "elements": list(parts)}

    text = {
        "type": "rich_text_section",
        "elements": [{"type": "text", "text": "By "}, {"type": "user", "user_id": ANNA}],
    }
    items = {"type": "rich_text_list", "style": "ordered", "elements": [text, text]}
    quote = {"type": "rich_text_quote", "elements": [{"type": "emoji", "name": "tada"}]}
    cells = [{"type": "raw_text", "text": "a"}, {"type": "raw_number", "value": 3}, rich(text)]
    task = {"type": "task_card", "task_id": "1", "title": "Copy", "status": "complete", "output": rich(text)}

    assert rendered(slack, rich(text, items, quote), {"type": "table", "rows": [cells]}) == [
        "By @Anna",
        "1. By @Anna",
        "2. By @Anna",
        "> :tada:",
        "a | 3 | By @Anna",
    ]
    assert rendered(slack, {"type": "plan", "title": "Plan", "tasks": [task]}) == ["Plan", "[✓] Copy", "    By @Anna"]


def test_without_blocks_the_text_is_read(slack: LocalSlack) -> None:
    assert rendered(slack, text="*Done*, <@nobody>") == ["Done, @nobody"]


def test_a_modal_shows_labels_values_errors_and_buttons(slack: LocalSlack) -> None:
    view = modal(
        section("Step 1 of 2"),
        input_block("t", "Table", type_ahead(min_query_length=0, placeholder=plain("Type a name"))),
        input_block("k", "Keep", {**select("30 days", "Always"), "type": "radio_buttons"}, hint=plain("From today")),
        input_block("why", "Reason", text_input(), optional=True),
        input_block("who", "Watcher", {"type": "users_select"}, optional=True),
        {"type": "alert", "text": plain("It is encrypted."), "level": "info"},
    )
    with scripted_bot(slack) as bot:
        bot.on(
            "slash_commands", lambda turn: (turn.ack(), turn.client.views_open(trigger_id=turn.trigger_id, view=view))
        )
        bot.on("block_suggestion", lambda turn: turn.ack(options=[option("orders")]))
        errors = {"why": "Say more."}
        bot.on("view_submission", lambda turn: turn.ack(response_action="errors", errors=errors))
        anna = slack.person(ANNA)
        anna.command("/copy-backup")
        empty = render_view(anna.wait_for_modal(), slack.workspace)
        anna.choose("Table")
        anna.fill("Keep", "Always")
        anna.fill("Watcher", ANNA)
        anna.submit()
        filled = render_view(anna.wait_for_modal(), slack.workspace)

    assert empty.splitlines() == [
        "=== Copy a backup ===",
        "Step 1 of 2",
        "Table: ‹Type a name› ▾",
        "Keep: ( ) 30 days ( ) Always",
        "  (From today)",
        "Reason (optional): ‹›",
        "Watcher (optional): ‹› ▾",
        "! It is encrypted.",
        "[Cancel] [Next]",
    ]
    assert "Table: orders" in filled
    assert "Keep: ( ) 30 days (•) Always" in filled
    assert "Reason (optional): ‹›\n! Say more." in filled
    assert "Watcher (optional): @Anna" in filled
