"""Which panel an address asks for."""

from collections.abc import Callable, Mapping

from automations.editor import dialogs, panels, settings
from automations.editor.page import Page
from automations.editor.panels import Panel, card_called
from automations.editor.sections import section

Asked = Mapping[str, str]


def _settings(page: Page, asked: Asked) -> Panel:
    name = asked["settings"]
    return settings.one(page, section(page, name, asked)) if name else settings.index(page)


# In this order: `?trigger=new&thread=main` is about a trigger.
OF_EDITORS: Mapping[str, Callable[[Page, Asked], Panel]] = {
    "move": lambda page, asked: panels.move(page, card_called(page, asked["move"])),
    "delete": lambda page, asked: panels.delete(page, card_called(page, asked["delete"])),
    "add": panels.add,
    "trigger": panels.triggers,
    "settings": _settings,
    "thread": lambda page, asked: panels.thread(page, page.thread(asked["thread"])),
}
OF_PUBLISHERS: Mapping[str, Callable[[Page, Asked], Panel]] = {
    "publish": lambda page, asked: dialogs.publish(page),
    "pause": lambda page, asked: dialogs.pause(page),
}


def panel(page: Page, asked: Asked) -> Panel:
    """The panel that the address names; Http404 for what is not there."""
    offered = dict(OF_EDITORS) if page.can_change else {}
    offered |= OF_PUBLISHERS if page.can_publish else {}
    for name, made in offered.items():
        if name in asked:
            return made(page, asked)
    if "delete-all" in asked and page.can_delete and page.can_change:
        return panels.delete_all()
    if "step" in asked:
        return panels.step(page, card_called(page, asked["step"]))
    return panels.home()
