"""What the page shows and lets one do, with a bot that does what each test tells it."""

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from bot.sandbox.slack import ANNA, BACKUPS, BEN, DORA, GENERAL, PARTNER, PARTNER_OPS, LocalSlack
from tests.browser.conftest import Windows
from tests.browser.desk import Desk
from tests.contract.sandbox_slack_bots import (
    Json,
    ScriptedBot,
    Turn,
    actions,
    button,
    client_of,
    input_block,
    modal,
    option,
    plain,
    section,
    select,
    text_input,
    type_ahead,
)


@pytest.fixture
def anna(windows: Windows, slack: LocalSlack) -> Desk:
    return windows.open(slack).sit_down(ANNA)


def say(slack: LocalSlack, text: str, **more: Any) -> str:
    """Let the bot post in #backups; the message's ts."""
    return str(client_of(slack).chat_postMessage(channel=BACKUPS, text=text, **more)["ts"])


def opens(bot: ScriptedBot, view: Json) -> None:
    bot.on("slash_commands", lambda turn: (turn.ack(), turn.client.views_open(trigger_id=turn.trigger_id, view=view)))


def state_of(body: Json) -> dict[str, object]:
    """What a submission says of each input, by block."""
    values = body["view"]["state"]["values"]
    return {
        block: next(value for key, value in element.items() if key != "type")
        for block, elements in values.items()
        for element in elements.values()
    }


def test_every_input_reaches_the_bot(anna: Desk, bot: ScriptedBot) -> None:
    ticks = [option("Once"), option("Every day")]
    opens(
        bot,
        modal(
            input_block("line", "Line", text_input(placeholder=plain("A line"))),
            input_block("area", "Area", text_input(multiline=True), hint=plain("As long as you like.")),
            input_block("days", "Days", {"type": "number_input", "is_decimal_allowed": False, "action_id": "n"}),
            input_block("static", "Static", select("red", "green", "blue")),
            input_block("ahead", "Ahead", type_ahead(min_query_length=2)),
            input_block("radio", "Radio", {"type": "radio_buttons", "action_id": "r", "options": ticks}),
            input_block("check", "Check", {"type": "checkboxes", "action_id": "c", "options": ticks}),
            input_block("day", "Day", {"type": "datepicker", "action_id": "d"}),
            input_block("who", "Who", {"type": "users_select", "action_id": "u"}),
            input_block("many", "Many", {"type": "multi_static_select", "action_id": "m", "options": ticks}),
            input_block("more", "More", text_input(), optional=True),
        ),
    )
    bot.on("block_suggestion", lambda turn: turn.ack(options=[option(f"{turn.body['value']}-{n}") for n in (1, 2)]))

    anna.type_line("/form")
    anna.modal.get_by_label("Line").fill("one & <two>")
    anna.modal.get_by_label("Area").fill("first\nsecond")
    anna.modal.get_by_label("Days").fill("14")
    anna.choose("Static", "green")
    anna.choose("Ahead", "table-2", typed="table")
    anna.modal.get_by_label("Every day").first.check()
    anna.modal.locator("[data-block=check]").get_by_label("Once").check()
    anna.modal.get_by_label("Day", exact=True).fill("2027-01-31")
    anna.choose("Who", "Dora")
    anna.choose("Many", "Every day")
    anna.choose("Many", "Once")
    anna.shoot("20-inputs")
    anna.press("Next")

    expect(anna.modal).to_have_count(0)
    assert state_of(bot.bodies("view_submission")[0]) == {
        "line": "one & <two>",
        "area": "first\nsecond",
        "days": "14",
        "static": option("green"),
        "ahead": option("table-2"),
        "radio": option("Every day"),
        "check": [option("Once")],
        "day": "2027-01-31",
        "who": DORA,
        "many": [option("Every day"), option("Once")],
        "more": None,
    }


def test_typing_ahead_asks_the_bot_once_one_rests(anna: Desk, bot: ScriptedBot) -> None:
    opens(bot, modal(input_block("t", "Table", type_ahead(min_query_length=2))))
    bot.on("block_suggestion", lambda turn: turn.ack(options=[option(turn.body["value"])]))

    anna.type_line("/form")
    menu = anna.modal.get_by_role("combobox", name="Table")
    menu.click()
    expect(anna.modal.get_by_role("listbox")).to_contain_text("Type 2 or more letters")
    menu.press_sequentially("orders")

    expect(anna.modal.get_by_role("option")).to_have_text("orders")
    assert len(bot.bodies("block_suggestion")) < len("orders")
    assert bot.bodies("block_suggestion")[-1]["value"] == "orders"


def test_errors_stand_under_their_fields_and_vanish_as_one_types(anna: Desk, bot: ScriptedBot) -> None:
    opens(bot, modal(input_block("a", "First", text_input()), input_block("b", "Second", text_input())))
    bot.on("view_submission", lambda turn: turn.ack(response_action="errors", errors={"b": "Not on a Friday."}))

    anna.type_line("/form")
    anna.modal.get_by_label("First").fill("x")
    anna.press("Next")
    expect(anna.modal.locator("[data-block=b] .field-error")).to_have_text("Please complete this required field.")
    expect(anna.modal.get_by_label("Second")).to_be_focused()
    anna.modal.get_by_label("Second").fill("y")
    expect(anna.modal.locator(".field-error")).to_have_count(0)
    anna.press("Next")

    expect(anna.modal.locator("[data-block=b] .field-error")).to_have_text("Not on a Friday.")
    expect(anna.modal.locator("[data-block=a] .field-error")).to_have_count(0)
    expect(anna.modal.get_by_label("First")).to_have_value("x")


def test_what_one_types_and_where_one_is_survive_live_updates(anna: Desk, slack: LocalSlack, bot: ScriptedBot) -> None:
    loading = modal(input_block("why", "Reason", text_input(multiline=True)), section("Loading…", block_id="s"))
    opens(bot, loading)

    anna.type_line("/form")
    reason = anna.modal.get_by_label("Reason")
    reason.press_sequentially("half a sen")
    view = slack.person(ANNA).modal
    assert view is not None
    say(slack, "news")
    client_of(slack).views_update(view_id=view.id, view={**loading, "blocks": [loading["blocks"][0], section("Here.")]})
    expect(anna.modal).to_contain_text("Here.")
    reason.press_sequentially("tence")

    expect(reason).to_have_value("half a sentence")
    expect(reason).to_be_focused()
    expect(anna.messages).to_contain_text("news")


def test_modals_stack_and_close_one_by_one(anna: Desk, bot: ScriptedBot) -> None:
    side_trip = modal(section("Aside"), title="Aside", close=plain("Back to it"))
    opens(bot, modal(section("First"), actions(button("More", "more"))))
    bot.on(
        "block_actions",
        lambda turn: (turn.ack(), turn.client.views_push(trigger_id=turn.trigger_id, view=side_trip)),
    )

    anna.type_line("/form")
    anna.press("More")
    expect(anna.modal).to_contain_text("Aside")
    anna.press("Back to it")
    expect(anna.modal).to_contain_text("First")
    anna.press("More")
    expect(anna.modal).to_contain_text("Aside")
    anna.modal.get_by_role("button", name="Close", exact=True).click()

    expect(anna.modal).to_have_count(0)
    expect(anna.composer).to_be_focused()


def test_escape_closes_the_menu_first_and_then_the_modal(anna: Desk, bot: ScriptedBot) -> None:
    opens(bot, modal(input_block("t", "Colour", select("red", "green"))))

    anna.type_line("/form")
    anna.modal.get_by_role("combobox", name="Colour").click()
    expect(anna.modal.get_by_role("listbox")).to_be_visible()
    anna.page.keyboard.press("Escape")
    expect(anna.modal.get_by_role("listbox")).to_have_count(0)
    expect(anna.modal).to_be_visible()
    anna.page.keyboard.press("Escape")

    expect(anna.modal).to_have_count(0)


def test_a_confirm_dialog_asks_first_and_no_is_no(anna: Desk, slack: LocalSlack, bot: ScriptedBot) -> None:
    confirm = {"title": plain("Sure?"), "text": plain("It is final."), "confirm": plain("Do it"), "deny": plain("No")}
    say(slack, "x", blocks=[actions(button("Delete", "delete", style="danger", confirm=confirm))])
    delete = anna.messages.get_by_role("button", name="Delete")

    delete.click()
    anna.confirm("No")
    delete.click()
    anna.page.keyboard.press("Escape")
    expect(anna.page.get_by_role("alertdialog")).to_have_count(0)
    assert bot.bodies("block_actions") == []
    delete.click()
    anna.confirm("Do it")

    slack.wait_until(lambda: bot.bodies("block_actions"), what="the click")
    assert bot.bodies("block_actions")[0]["actions"][0]["action_id"] == "delete"


def test_a_bot_that_does_not_answer_is_told_where_one_is(windows: Windows) -> None:
    with LocalSlack(ack_seconds=0.2) as alone:
        say(alone, "x", blocks=[actions(button("Press", "press"))])
        desk = windows.open(alone).sit_down(ANNA)

        desk.type_line("/copy-backup")
        expect(desk.messages.last).to_contain_text('/copy-backup failed with the error "dispatch_failed"')
        expect(desk.messages.last).to_contain_text("Only visible to you")
        desk.messages.first.get_by_role("button", name="Press").click()

        expect(desk.messages.first.get_by_role("alert")).to_contain_text("dispatch_failed")
        windows.close()


def test_what_the_client_refuses_is_said_in_private(anna: Desk, slack: LocalSlack, bot: ScriptedBot) -> None:
    say(slack, "root")
    # Else the refusal may come before the page hears of the message, and stand above it.
    expect(anna.messages.last).to_contain_text("root")
    anna.type_line("/nonsense")
    expect(anna.messages.last).to_contain_text("/nonsense is not a valid command.")

    anna.messages.first.hover()
    anna.messages.first.get_by_role("button", name="Reply in thread").click()
    reply = anna.thread.locator("textarea")
    reply.fill("/form")
    reply.press("Enter")

    expect(anna.thread.locator(".message").last).to_contain_text("/form is not supported in threads. Sorry!")
    assert bot.heard == []


def test_what_only_the_client_says_stands_below_all_else_however_slow_its_clock(anna: Desk, slack: LocalSlack) -> None:
    say(slack, "root")
    expect(anna.messages.last).to_contain_text("root")
    anna.page.evaluate(
        """async () => {
            const { state } = await import("/page/state.js");
            state.screen.now = new Date(Date.parse(state.screen.now) - 60_000).toISOString();
        }"""
    )

    anna.type_line("/nonsense")

    expect(anna.messages.first).to_contain_text("root")
    expect(anna.messages.last).to_contain_text("/nonsense is not a valid command.")


def test_a_dead_trigger_is_called_out_and_stands_in_the_traffic(
    anna: Desk, slack: LocalSlack, bot: ScriptedBot
) -> None:
    view = modal(section("Hello"))

    def open_twice(turn: Turn) -> None:
        turn.ack()
        turn.client.views_open(trigger_id=turn.trigger_id, view=view)
        turn.client.views_open(trigger_id=turn.trigger_id, view=view)

    bot.on("slash_commands", open_twice)

    anna.type_line("/form")

    told = "Slack refused views.open: exchanged_trigger_id"
    expect(anna.page.locator(".toast-error", has_text=told)).to_be_visible()
    anna.panel.get_by_role("tab", name="Traffic").click()
    refused = anna.panel.locator(".exchange.has-error", has_text="views.open")
    expect(refused).to_contain_text("exchanged_trigger_id")
    expect(anna.panel.locator(".exchange", has_text="slash_commands")).to_have_count(1)
    anna.shoot("21-dead-trigger")


def test_an_invalid_view_is_shown_with_pointers_to_what_is_wrong(anna: Desk, bot: ScriptedBot) -> None:
    opens(bot, modal(section("x" * 3001), title="A title that is far too long"))

    anna.type_line("/form")

    anna.panel.get_by_role("tab", name="Traffic").click()
    refused = anna.panel.locator(".exchange.has-error", has_text="views.open")
    refused.get_by_role("button").click()
    expect(refused.locator(".pointer", has_text="/title")).to_be_visible()
    expect(refused.locator(".pointer", has_text="/blocks/0/text")).to_be_visible()
    expect(refused.locator(".json").first).to_contain_text("trigger_id")
    anna.panel.get_by_label("Filter the traffic").fill("slash")
    expect(anna.panel.locator(".exchange")).to_have_count(1)
    anna.shoot("22-invalid-view")


def test_a_message_without_text_is_a_warning(anna: Desk, slack: LocalSlack) -> None:
    with pytest.warns(UserWarning, match="text"):
        client_of(slack).chat_postMessage(channel=BACKUPS, blocks=[section("only blocks")])

    anna.panel.get_by_role("tab", name="Traffic").click()

    expect(anna.panel.locator(".warning")).to_contain_text("A message has blocks but no text")


def test_foreign_text_stays_text(anna: Desk, slack: LocalSlack) -> None:
    hostile = "<img src=x onerror=alert(1)> &lt;b&gt;bold&lt;/b&gt; <javascript:alert(1)|click> `<i>`"
    say(slack, hostile, blocks=[section(hostile), {"type": "header", "text": plain("<script>alert(1)</script>")}])

    expect(anna.messages).to_contain_text("<img src=x onerror=alert(1)> <b>bold</b>")
    expect(anna.messages.locator("h3")).to_have_text("<script>alert(1)</script>")
    assert anna.messages.locator("img, script, i, b, a").count() == 0


def test_mark_up_reads_as_in_slack(windows: Windows, slack: LocalSlack) -> None:
    moment = f"<!date^{int(slack.clock.now().timestamp())}^{{date_short_pretty}} at {{time}}|some day>"
    text = (
        "*bold* _leaning_ ~gone~ `a*b*c` 2 * 3 * 4 snake_case_name :white_check_mark: :nonesuch:\n"
        "> quoted <@U0BEN000001>\n<!subteam^S0BKPADMINS> <https://example.com|a link> <#C0GENERAL01|general>\n"
        f"```\n*as it is*\n```{moment}"
    )
    say(slack, text)
    desk = windows.open(slack).sit_down(BEN)
    content = desk.messages.locator(".content")

    expect(content.locator("strong")).to_have_text("bold")
    expect(content.locator("em")).to_have_text("leaning")
    expect(content.locator("s")).to_have_text("gone")
    expect(content.locator("code")).to_have_text("a*b*c")
    expect(content.locator("blockquote")).to_have_text("quoted @Ben")
    expect(content.locator("pre")).to_have_text("*as it is*")
    expect(content.locator(".mention-you")).to_have_text(["@Ben", "@backup-admins"])
    expect(content.get_by_role("link")).to_have_attribute("href", "https://example.com")
    expect(content).to_contain_text("2 * 3 * 4 snake_case_name ✅ :nonesuch:")
    expect(content.locator("time")).to_have_text(re.compile(r"^today at \d+:\d\d [AP]M$"))
    expect(content.locator("time")).to_have_attribute("title", re.compile("America/New_York"))


def test_dates_are_those_of_the_acting_person(windows: Windows, slack: LocalSlack) -> None:
    say(slack, "<!date^1795300000^{date_num} {time}|never>")
    desk = windows.open(slack).sit_down(ANNA)

    expect(desk.messages.locator(".content")).to_have_text("2026-11-21 11:26 PM")
    desk.act_as("Chris")
    expect(desk.messages.locator(".content")).to_have_text("2026-11-22 7:26 AM")


def test_a_channel_with_news_is_marked_until_one_looks(windows: Windows, slack: LocalSlack) -> None:
    desk = windows.open(slack).sit_down(ANNA, GENERAL)
    row = desk.page.locator(".sidebar .row", has_text="backups").first
    expect(row).not_to_have_class(re.compile("is-unread"))

    say(slack, "Hello <@U0ANNA00001>")

    expect(row).to_have_class(re.compile("is-unread"))
    expect(row.locator(".badge")).to_have_text("1")
    row.click()
    expect(desk.messages).to_contain_text("Hello @Anna")
    expect(row.locator(".badge")).to_have_count(0)
    expect(row).not_to_have_class(re.compile("is-unread"))


def test_people_see_what_is_theirs(windows: Windows, slack: LocalSlack) -> None:
    client_of(slack).chat_postEphemeral(channel=BACKUPS, user=ANNA, text="psst")
    desk = windows.open(slack).sit_down(ANNA)
    expect(desk.messages.locator(".private-mark")).to_have_text("Only visible to you")

    desk.act_as("Ben")
    expect(desk.messages).to_have_count(0)
    desk.act_as("Pia")

    expect(desk.page.locator(".bar-title").first).to_contain_text("partner-ops")
    assert desk.page.url.endswith(f"#/{PARTNER}/{PARTNER_OPS}")


def test_two_windows_see_each_other_write(windows: Windows, slack: LocalSlack) -> None:
    anna, ben = windows.open(slack).sit_down(ANNA), windows.open(slack).sit_down(BEN)

    anna.type_line("Has @Ben seen <this> & that?")
    expect(ben.messages).to_contain_text("Has @Ben seen <this> & that?")
    ben.messages.hover()
    ben.messages.get_by_role("button", name="Reply in thread").click()
    ben.thread.locator("textarea").press_sequentially("Yes.")
    ben.thread.locator("textarea").press("Enter")

    expect(anna.messages.locator(".thread-link")).to_contain_text("1 reply1 new")
    anna.open_thread()
    expect(anna.thread).to_contain_text("Yes.")
    expect(anna.messages.locator(".new-mark")).to_have_count(0)


def test_the_home_tab_is_drawn_and_heard_of(anna: Desk, slack: LocalSlack, bot: ScriptedBot) -> None:
    home = {"type": "home", "blocks": [section("*Your requests*"), actions(button("Refresh", "refresh"))]}
    client_of(slack).views_publish(user_id=ANNA, view=home)

    anna.page.locator(".sidebar .row", has_text="Helper").click()
    expect(anna.page.locator(".home-body strong")).to_have_text("Your requests")
    anna.shoot("23-home")
    anna.page.get_by_role("button", name="Refresh").click()

    slack.wait_until(lambda: bot.bodies("block_actions"), what="the click")
    assert bot.bodies("block_actions")[0]["view"]["type"] == "home"
    anna.page.get_by_role("tab", name="Messages").click()
    expect(anna.page.get_by_text("What Helper tells you alone appears here.")).to_be_visible()


def test_time_moves_on_and_hurries(anna: Desk, slack: LocalSlack) -> None:
    before = slack.clock.now()

    anna.panel.get_by_role("button", name="+ 1 day").click()
    expect(anna.page.locator(".toast")).to_contain_text("It is 1 day later.")
    anna.panel.get_by_role("radio", name="Stopped").click()
    expect(anna.panel.get_by_role("radio", name="Stopped")).to_be_checked()

    assert (slack.clock.now() - before).days == 1
    assert slack.clock.speed == 0


def test_a_failure_is_ordered_from_the_panel(anna: Desk, slack: LocalSlack) -> None:
    anna.order("429 on the next post")
    expect(anna.page.locator(".toast")).to_contain_text("Ordered")

    with pytest.raises(Exception, match="ratelimited"):
        say(slack, "one")

    say(slack, "two")
    expect(anna.messages).to_have_count(1)


def test_a_slack_alone_offers_no_failures_of_aws(anna: Desk) -> None:
    expect(anna.panel.locator(".failure")).not_to_have_count(0)

    assert "AWS" not in anna.panel.inner_text()


@pytest.mark.parametrize(("width", "colours"), [(360, "light"), (360, "dark"), (800, "light"), (1440, "dark")])
def test_every_window_shows_all_of_it(
    windows: Windows, slack: LocalSlack, bot: ScriptedBot, width: int, colours: str
) -> None:
    long = "arn:aws:backup:eu-west-1:222222222222:recovery-point:" + "a1b2c3d4-" * 12
    root = say(
        slack, "x", blocks=[section(f"*A long one*\n`{long}`"), actions(button("Approve", "a", style="primary"))]
    )
    say(slack, f"In the thread: {long}", thread_ts=root)
    opens(bot, modal(section(f"`{long}`"), input_block("t", "Colour", select("red", "green"), hint=plain("One."))))
    desk = windows.open(slack, viewport={"width": width, "height": 720}, color_scheme=colours).sit_down(ANNA)
    expect(desk.messages).to_have_count(1)

    def fits(view: str) -> None:
        desk.shoot(f"30-{width}-{colours}-{view}")
        assert desk.page.evaluate("document.documentElement.scrollWidth") <= width

    fits("channel")
    desk.open_thread()
    expect(desk.thread).to_contain_text("In the thread")
    fits("thread")
    desk.thread.get_by_role("button", name="Close thread").click()
    desk.type_line("/form")
    desk.modal.get_by_role("combobox", name="Colour").click()
    expect(desk.modal.get_by_role("option")).to_have_count(2)
    fits("modal")
    desk.modal.get_by_role("option", name="red").click()
    desk.page.keyboard.press("Escape")
    expect(desk.modal).to_have_count(0)
    if width <= 1240:
        desk.page.get_by_role("button", name="The world").click()
        expect(desk.panel.get_by_role("button", name="+ 1 hour")).to_be_in_viewport()
        fits("world")
