"""What the buttons of the destination page do to a form: one more place, one less, a new vault, one from before."""

from dataclasses import replace

from bot.domain.drafts import Form, Place


def blank(form: Form) -> Form:
    """The fields of the destination in hand, empty."""
    form = replace(form, account="", region="", vault="", new_vault="", key_arn="", making=False, route="")
    return replace(form, filled=form.filled + 1)


def recalled(form: Form, place: Place) -> Form:
    """A place from before as the destination in hand."""
    form = blank(form)
    return replace(form, account=place.account, region=place.region, vault=place.vault, problems=())


def dropped(form: Form, where: tuple[str, ...]) -> Form:
    """The list without this place (account, Region, vault); without the one in hand where nothing is named."""
    if not where:
        return replace(blank(form), problems=())
    return replace(form, others=tuple(place for place in form.others if place.where != where))


def making(form: Form) -> Form:
    """A new vault instead of one that is there."""
    return replace(form, making=True, vault="", problems=())


def not_making(form: Form) -> Form:
    """A vault that is there instead of a new one; name and key stay as typed."""
    return replace(form, making=False, problems=())
