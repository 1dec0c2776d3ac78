"""The verbs of whoever draws a chain: each changes the draft, and makes one where there is none.

Steps are named by their keys, which stay the same when what is live is copied into a draft. Every
verb locks the automation, so two people at one chain take turns.
"""

from automations.drafts.settings import (
    change_settings,
    new_automation,
    remove_exit,
    set_exit,
    set_goal,
    set_limits,
    set_schedule,
    set_scope,
)
from automations.drafts.steps import (
    add_step,
    change_step,
    delete_step,
    move_step,
    shift_step,
)
from automations.drafts.threads import (
    add_thread,
    delete_thread,
    remove_trigger,
    rename_thread,
    set_entry,
    set_trigger,
)

__all__ = [
    "add_step",
    "add_thread",
    "change_settings",
    "change_step",
    "delete_step",
    "delete_thread",
    "move_step",
    "new_automation",
    "remove_exit",
    "remove_trigger",
    "rename_thread",
    "set_entry",
    "set_exit",
    "set_goal",
    "set_limits",
    "set_schedule",
    "set_scope",
    "set_trigger",
    "shift_step",
]
