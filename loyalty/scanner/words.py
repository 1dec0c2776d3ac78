"""What the scanner says, in the reader's language; the device fills in `{n}` and the like."""

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

# Numbers that between them show every plural form a language has; the device knows which is which.
SAMPLES = (0, 1, 2, 3, 5, 11, 20, 100, 1_000_000)


def catalogue() -> dict[str, Any]:
    return {**_frame(), **_pairing(), **_card(), **_result(), **_device(), "units": _units()}


def _frame() -> dict[str, str]:
    return {
        "scanner": _("Scanner"),
        "back": _("Back"),
        "more": _("More"),
        "search": _("Search"),
        "recent": _("Recent"),
        "settings": _("Settings"),
        "point_camera": _("Point the camera at a card’s QR code."),
        "camera_insecure": _("No camera here: it needs an address that begins with https. Search."),
        "camera_denied": _("The camera is not allowed. Allow it in the browser, or search."),
        "camera_none": _("No camera was found. Search instead, or use a hand-held reader."),
        "n_waiting": _("{n} waiting"),
        "n_refused": _("{n} refused"),
        "search_label": _("Name, phone, email or number"),
        "search_help": _("A name, a whole email, the end of a phone number, or a card’s number."),
        "searching": _("Searching…"),
        "ask_who": _("Ask which one it is: the phone number ends like this."),
        "nobody_found": _("Nobody was found. Ask for the phone number or the email."),
        "phone_ends": _("ends …{digits}"),
        "no_phone": _("no phone"),
        "nameless": _("No name"),
        "expired": _("expired"),
        "no_network": _("There is no connection. Try again in a moment."),
        "unknown_card": _("No card has this code."),
        "kiosk_hold_up": _("Hold your card in front of the camera."),
        "kiosk_welcome": _("Thank you, {name}"),
        "kiosk_no_network": _("This does not work right now. Please ask the staff."),
    }


def _pairing() -> dict[str, str]:
    return {
        "pair": _("Pair"),
        "pair_title": _("Pair this device"),
        "how_to_pair": _(
            "In Regulars open Settings → API tokens → “Pair a scanner”, then scan the code"
            " shown there, or type it."
        ),
        "scan_pairing_code": _("Scan the code"),
        "pairing_code": _("Code"),
        "paired": _("Paired: {name}"),
        "paired_already": _("This device is paired already, as “{name}”."),
        "pair_anew": _("Pair it anew"),
        "keep_pairing": _("Leave it as it is"),
        "code_is_over": _("This code is unknown, was used, or is too old. Make a new one."),
        "unpaired": _("This device’s pairing was ended. Pair it again."),
    }


def _card() -> dict[str, str]:
    return {
        "rewards": _("Rewards"),
        "birthday_today": _("Birthday today"),
        "on_the_way": _("{amount} on the way"),
        "kept_for_them": _("Kept for them"),
        "hand_over": _("Hand over: {name}"),
        "settles_itself": _("They get it by themselves"),
        "add_note": _("Add a note"),
        "note": _("Note, for staff only"),
        "as_of": _("No connection: this is how it was at {time}."),
        "card_expired": _("This card has expired."),
        "nothing_now": _("There is nothing to do with this card now."),
        "valid_until": _("Valid until {day}"),
        "valid": _("valid"),
        "not_valid": _("not valid now"),
        "percent": _("{n} % now"),
        "owes": _("owes"),
        "unknown_program": _("This program is not in use any more."),
        "count_visit": _("Count a visit"),
        "enter_purchase": _("Enter purchase"),
        "top_up": _("Top up"),
        "other": _("Other"),
        "other_amount": _("Another amount"),
        "give_some": _("Give {unit}"),
        "use": _("Redeem {amount}"),
        "pay_with": _("Pay with {unit}"),
        "pay_with_card": _("Pay with this card"),
        "still_missing": _("{amount} missing"),
        "confirm_reward": _("Give “{name}” now?"),
        "confirm_hand_over": _("Hand over “{name}” now? It cannot be undone."),
        "yes_do": _("Yes, give it"),
        "no_back": _("No, back"),
        "type_twice": _("Type the amount, then once more to be sure."),
        "type_again": _("Once more, please."),
        "not_the_same": _("That was another amount. Begin again."),
        "more_than_held": _("The card holds {amount}."),
        "go_on": _("Go on"),
        "confirm": _("Confirm {amount}"),
        "erase": _("Erase"),
        "which_card": _("Which card is it?"),
        "unseen_card": _("No connection, and this card is new here. What you give is sent later."),
    }


def _result() -> dict[str, str]:
    return {
        "done": _("Done"),
        "waiting": _("Waiting"),
        "refused": _("Refused"),
        "now": _("now {amount}"),
        "to_pay": _("To pay"),
        "saved": _("{percent} % off: {amount} saved"),
        "issued": _("It turned into a card: {program}"),
        "crossed_reward": _("A reward is there!"),
        "crossed_milestone": _("Reached {at}: something is waiting."),
        "crossed_rate": _("A better rate from now on."),
        "crossed_tier": _("A new level was reached."),
        "next_card": _("Next card"),
        "undo_within": _("Undo ({time})"),
        "undo_over": _("Too late to undo"),
        "undo_of": _("Undo: {label}"),
        "undo_reason": _("Undone at the till"),
        "undone": _("Undone"),
        "was_undone": _("undone"),
        "gone": _("This cannot be undone any more: the card is gone."),
        "kept": _("Kept for later"),
        "kept_help": _("It is sent as soon as there is a connection, and counts once."),
        "kept_unpaired": _("This device’s pairing was ended. It is sent once it is paired again."),
        "take_back": _("Take back"),
        "taken_back": _("Taken back: it was never sent."),
        "too_late_to_take_back": _("It is on its way already. Undo it once it is done."),
        "nothing_changed": _("Nothing was changed."),
        "is_waiting": _("Waits for a connection"),
        "other_card": _("This was another card ({name}), so nothing was done. Scan it again."),
        "may_be_done": _(
            "Nobody knows whether this was counted: the device was paired anew in between."
            " Look at the card."
        ),
        "understood": _("Understood"),
        "nothing_recent": _("What you do with cards today shows up here."),
    }


def _device() -> dict[str, str]:
    return {
        "device": _("Device"),
        "shop": _("Shop"),
        "location": _("Location"),
        "wish_sound": _("Sounds"),
        "wish_vibration": _("Vibration"),
        "wish_awake": _("Keep the screen on"),
        "wish_camera": _("Camera"),
        "camera_environment": _("On the back"),
        "camera_user": _("On the front"),
        "wish_theme": _("Light or dark"),
        "theme_auto": _("As the phone"),
        "theme_light": _("Light"),
        "theme_dark": _("Dark"),
        "unpair": _("End the pairing"),
        "unpair_help": _("This device forgets everything. To use it again, pair it again."),
        "unpair_loses": _("Not sent yet: {n}. They will be lost. Press again to end it anyway."),
        "unpair_needs_network": _("There is no connection, so the pairing cannot be ended."),
    }


def _units() -> dict[str, dict[int, str]]:
    """What operations count, for each sample; units that are not here are said as programs do."""
    words: dict[str, Callable[[int], str]] = {
        "stamps": lambda n: ngettext("stamp", "stamps", n),
        "rewards": lambda n: ngettext("reward", "rewards", n),
        "points": lambda n: ngettext("point", "points", n),
        "visits": lambda n: ngettext("visit", "visits", n),
        "uses": lambda n: ngettext("offer", "offers", n),
    }
    return {unit: {n: word(n) for n in SAMPLES} for unit, word in words.items()}
