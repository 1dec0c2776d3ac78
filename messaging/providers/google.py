"""Google Wallet's REST API: programs are its classes, cards are its objects, and an update is a
PATCH (developers.google.com/wallet/reference/rest/v1). Three a day may make a phone buzz."""

import json
import threading
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

from django.conf import settings
from django.utils.translation import gettext as _

from loyalty.models import Card, Pass, Program, WalletKeys
from loyalty.models.wallet import PushOutcome
from loyalty.wallet import passes
from loyalty.wallet.google import account, objects, tokens
from loyalty.wallet.google.account import Account
from messaging.errors import InDoubt, TemporaryFailure
from messaging.http import Answer, Web, refusal
from messaging.telling import Told

GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
NOT_FOUND, CONFLICT = 404, 409
# developers.google.com/wallet, "Trigger push notifications": so many for a pass in a day.
MOST_NOTIFIED = 3
DAY = timedelta(days=1)
# A token is drawn anew so long before it ends; keys are asked for so often.
MARGIN = timedelta(minutes=5)
KEYS_LIVE = timedelta(hours=1)


class Kept:
    """What one process remembers of Google's answers, until a moment."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._values: dict[str, tuple[Any, datetime]] = {}

    def get(self, name: str, now: datetime) -> Any:
        with self._lock:
            value, until = self._values.get(name, (None, now))
        return value if until > now else None

    def put(self, name: str, value: Any, until: datetime) -> None:
        with self._lock:
            self._values[name] = (value, until)

    def clear(self) -> None:
        with self._lock:
            self._values.clear()


kept = Kept()


class GoogleWallet:
    """A conversation with Google; raises NotConfigured where there is no account."""

    def __init__(self) -> None:
        self.account: Account = account.of(WalletKeys.get())
        self.web = Web()

    def __enter__(self) -> "GoogleWallet":
        return self

    def __exit__(self, *_: object) -> None:
        self.web.close()

    def introduce(self, card: Card, now: datetime) -> None:
        """Make sure that Google knows the card and its program, as they are now. May be repeated.
        Raises the failures of sending."""
        self._introduce_program(card.program, now)
        self._put("loyaltyObject", objects.object_of(card, self.account.issuer, now=now), now)

    def tell(self, kept_pass: Pass, now: datetime) -> Told:
        """Say what the card is now; so that its owner notices, as long as that is allowed."""
        self._introduce_program(kept_pass.card.program, now)
        body = objects.object_of(kept_pass.card, self.account.issuer, now=now)
        recent = [at for at in kept_pass.notified_at if datetime.fromisoformat(at) > now - DAY]
        # The first time nothing is news: the card was just saved.
        is_news = kept_pass.outcome != PushOutcome.NONE
        is_capped = is_news and len(recent) >= MOST_NOTIFIED
        if is_news and not is_capped:
            body["notifyPreference"] = "NOTIFY_ON_UPDATE"
            recent.append(now.isoformat())
        answer = self._put("loyaltyObject", body, now)
        if answer.get("hasUsers") is False:
            passes.let_go(kept_pass)
        outcome = PushOutcome.CAPPED if is_capped else PushOutcome.SENT
        return Told(outcome, notified_at=tuple(recent))

    def _introduce_program(self, program: Program, now: datetime) -> None:
        """Only where it looks different from what this process told last."""
        body = objects.class_of(program, self.account.issuer)
        name = f"class {body['id']}"
        if kept.get(name, now) != body:
            self._put("loyaltyClass", body, now)
            kept.put(name, body, now + DAY)

    def _put(self, kind: str, body: Mapping[str, Any], now: datetime) -> Mapping[str, Any]:
        """Change it, or make it where it is not there."""
        one = f"{kind}/{quote(str(body['id']))}"
        answer = self._send("PATCH", one, body, now)
        if answer.status == NOT_FOUND:
            answer = self._send("POST", kind, body, now)
        if answer.status == CONFLICT:  # made by somebody else in between
            answer = self._send("PATCH", one, body, now)
        if answer.status >= 300:
            raise refusal(answer, "Google")
        return _read(answer)

    def _send(self, method: str, path: str, body: Mapping[str, Any], now: datetime) -> Answer:
        headers = {
            "Authorization": f"Bearer {self._token(now)}",
            "Content-Type": "application/json",
        }
        url = f"{settings.GOOGLE_WALLET_URL}/{path}"
        try:
            return self.web.send(method, url, headers=headers, body=json.dumps(body).encode())
        except InDoubt as error:  # it says how things are: saying so twice does no harm
            raise TemporaryFailure(error.note) from error

    def _token(self, now: datetime) -> str:
        """Asked for once an hour."""
        who = self.account
        name = f"token {who.email} {who.key_id} {who.token_url}"
        if token := kept.get(name, now):
            return str(token)
        form = urlencode({"grant_type": GRANT, "assertion": tokens.assertion(who, now=now)})
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = self.web.send("POST", who.token_url, headers=headers, body=form.encode())
        if answer.status != 200:
            raise refusal(answer, "Google")
        said = _read(answer)
        life = timedelta(seconds=int(said.get("expires_in", 0)))
        kept.put(name, said["access_token"], now + life - MARGIN)
        return str(said["access_token"])


def root_keys(now: datetime) -> Sequence[Mapping[str, Any]]:
    """The public keys with which Google signs callbacks, an hour old at most. Raises the failures
    of sending."""
    if known := kept.get("root keys", now):
        return list(known)
    with Web() as web:
        answer = web.send("GET", settings.GOOGLE_KEYS_URL)
    if answer.status != 200:
        raise refusal(answer, "Google")
    found = list(_read(answer).get("keys", []))
    kept.put("root keys", found, now + KEYS_LIVE)
    return found


def _read(answer: Answer) -> Mapping[str, Any]:
    try:
        said = json.loads(answer.body)
    except ValueError as error:
        raise TemporaryFailure(_("Google answered what cannot be read.")) from error
    return said if isinstance(said, dict) else {}
