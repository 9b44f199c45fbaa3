"""The blocks of each kind of form, out of a sheet and what its answers stand for."""

from collections.abc import Callable, Mapping

from bot.domain.sheets import Sheet, SheetKind
from bot.slack.blocks import Block
from bot.workflows.routing import linked
from commands.desk import Desk
from commands.forms.drill_fields import drill_blocks
from commands.forms.extend_fields import extend_blocks
from commands.forms.order_fields import keep_blocks, order_blocks
from commands.forms.restore_fields import Offer, restore_blocks
from commands.forms.schedule_fields import SchedulePage, schedule_blocks

Blocks = Callable[[Desk, Sheet], list[Block]]


def blocks_of(desk: Desk, sheet: Sheet) -> list[Block]:
    """The fields of a form as they are now."""
    return KINDS[sheet.kind](desk, sheet)


def _offer(desk: Desk, sheet: Sheet) -> Offer:
    restoring = desk.tables.restoring
    return Offer(
        chosen=restoring.chosen(sheet),
        places=tuple(restoring.places.all()),
        vault=restoring.places.known_vault(sheet.answer("vault")),
        timezone=sheet.timezone,
        now=desk.clock.now(),
    )


def _restore(desk: Desk, sheet: Sheet) -> list[Block]:
    return restore_blocks(sheet, _offer(desk, sheet), desk.names)


def _drill(desk: Desk, sheet: Sheet) -> list[Block]:
    return drill_blocks(sheet, _offer(desk, sheet), desk.names)


def _schedule(desk: Desk, sheet: Sheet) -> list[Block]:
    places, ways = desk.tables.scheduling.places, desk.tables.scheduling.ways
    page = SchedulePage(
        places=tuple(places.all()), vault=places.known_vault(sheet.answer("vault")), ways=ways.chosen(sheet)
    )
    return schedule_blocks(sheet, page, desk.names)


def _order(desk: Desk, sheet: Sheet) -> list[Block]:
    return order_blocks(sheet, desk.tables.ordering.places())


def _extend(desk: Desk, sheet: Sheet) -> list[Block]:
    extending = desk.copies.extending
    copy = extending.copy(sheet)
    asked = [one.sentence(linked(desk.outlet, one.request)) for one in extending.asked(copy)]
    return extend_blocks(sheet, copy, desk.names, extending.locked(copy), asked)


KINDS: Mapping[SheetKind, Blocks] = {
    SheetKind.RESTORE: _restore,
    SheetKind.DRILL: _drill,
    SheetKind.SCHEDULE: _schedule,
    SheetKind.NOW: _order,
    SheetKind.SEQUENCE: _order,
    SheetKind.EXTEND: _extend,
    SheetKind.KEEP: lambda desk, sheet: keep_blocks(sheet),
}
