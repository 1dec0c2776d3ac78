"""What a column can mean, and what its header says of it in several languages."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from loyalty.errors import Invalid
from loyalty.imports.cells import Cell
from loyalty.imports.values import DATE_ORDERS, DECIMAL_SIGNS, REGIONS

# A column of this meaning becomes an attribute that is called as its header is.
ATTRIBUTE = "attribute"
CONSENTS = ("consent.email", "consent.sms", "consent.push")
AMOUNTS = ("stamps", "rewards", "points", "visits", "money", "spent")

MEANINGS: dict[str, str | Promise] = {
    "email": _("Email"),
    "phone": _("Phone"),
    "external_id": _("Id in another system"),
    "first_name": _("First name"),
    "last_name": _("Last name"),
    "name": _("First and last name"),
    "birthday": _("Birthday"),
    "language": _("Language"),
    "time_zone": _("Time zone"),
    "tags": _("Tags"),
    "consent.email": _("Said yes to emails"),
    "consent.sms": _("Said yes to text messages"),
    "consent.push": _("Said yes to push messages"),
    ATTRIBUTE: _("Keep as an attribute"),
    "attributes": _("Several attributes, as JSON"),
    "joined": _("Customer since"),
    "tier": _("VIP tier"),
    "tier_until": _("Last day on that tier"),
    "program": _("Program of the card"),
    "number": _("Number of the card"),
    "expires": _("Last day of the card"),
    "plan": _("Plan of a membership"),
    "period": _("Period of the plan"),
    "stamps": _("Stamps"),
    "rewards": _("Rewards"),
    "points": _("Points"),
    "visits": _("Visits left"),
    "money": _("Money on the card"),
    "spent": _("Spent so far"),
}

# Headers as people write them, folded as `folded` does: en, de, fr, es, it, pt, nl, pl, ru.
_SAID = {
    "email": "email, e mail, mail, email address, e mail adresse, emailadresse, adresse email, "
    "courriel, adresse e mail, correo, correo electronico, indirizzo email, endereco de email, "
    "adres email, pochta, почта, электронная почта, customer email, эл почта",
    "phone": "phone, phone number, mobile, mobile number, handynummer, telefon mobil, "
    "telefono movil, numero de movil, mobile phone, cell, cell phone, tel, telephone, handy, "
    "telefon, telefonnummer, mobil, mobilnummer, mobiltelefon, portable, numero de telephone, "
    "telefono, numero de telefono, movil, celular, telefone, cellulare, telefoon, "
    "telefoonnummer, numer telefonu, телефон, номер телефона",
    "external_id": "external id, external_id, customer id, customer number, customer no, "
    "kundennummer, kundennr, kunden id, kunden nr, numero client, id client, id cliente, "
    "codice cliente, numero de cliente, klantnummer, ид клиента, код клиента, user id, "
    "member id, member number",
    "first_name": "first name, firstname, given name, forename, vorname, prenom, nombre, nome, "
    "primeiro nome, voornaam, imie, имя",
    "last_name": "last name, lastname, surname, family name, nachname, familienname, "
    "nom de famille, nom, apellido, apellidos, cognome, sobrenome, achternaam, nazwisko, фамилия",
    "name": "name, full name, customer, customer name, vor und nachname, kunde, nom complet, "
    "nombre completo, nome completo, imie i nazwisko, фио, клиент",
    "birthday": "birthday, birth date, birthdate, date of birth, dob, geburtstag, geburtsdatum, "
    "date de naissance, naissance, fecha de nacimiento, nacimiento, cumpleanos, data di nascita, "
    "data de nascimento, geboortedatum, data urodzenia, дата рождения",
    "language": "language, lang, locale, sprache, langue, idioma, lingua, taal, jezyk, язык",
    "time_zone": "time zone, timezone, zeitzone, fuseau horaire, zona horaria, fuso orario",
    "tags": "tags, tag, labels, groups, gruppen, etiquettes, etiquetas, etichette, теги",
    "consent.email": "email consent, accepts email marketing, accepts marketing, newsletter, "
    "newsletter abonniert, newsletter subscription, acepta newsletter, acepta marketing, "
    "consent email, email opt in, email marketing, einwilligung email, werbeeinwilligung, "
    "opt in email, consent.email, consentement email",
    "consent.sms": "sms consent, accepts sms marketing, sms opt in, opt in sms, consent.sms, "
    "einwilligung sms, consentement sms",
    "consent.push": "push consent, push opt in, consent.push",
    "attributes": "attributes, custom fields",
    "joined": "joined, customer since, member since, created, created at, registered, "
    "sign up date, signup date, registration date, kunde seit, kundin seit, mitglied seit, "
    "angelegt am, registriert am, client depuis, date d inscription, cliente desde, "
    "fecha de alta, fecha de registro, cliente dal, data di iscrizione, klant sinds, "
    "data rejestracji, дата регистрации",
    "tier": "tier, vip tier, level, loyalty tier, status level, stufe, kundenstufe, vip stufe, "
    "niveau, palier, nivel, livello, уровень",
    "tier_until": "tier until, tier expires, tier expiry, stufe bis, nivel hasta",
    "program": "program, programme, programm, card type, kartentyp, programa, programma, программа",
    "number": "card number, card no, card, card id, serial, kartennummer, serial number, "
    "card serial, card code, seriennummer, gift card code, codigo de tarjeta, "
    "numero de la tarjeta, karte, kartennr, numero de carte, carte, numero de tarjeta, tarjeta, "
    "numero carta, kaartnummer, numer karty, номер карты, barcode",
    "expires": "expires, expiry, expiry date, expiration, expiration date, valid until, "
    "gueltig bis, ablaufdatum, valid to, end date, expires on, membership end, membership ends, "
    "mitglied bis, laeuft ab am, gueltig bis zum, fecha de vencimiento, valido hasta, vence, "
    "date d expiration, valable jusqu au, fecha de caducidad, caducidad, scadenza, validade, "
    "vervaldatum, действует до",
    "plan": "plan, membership plan, membership, subscription, tarif, abo, abonnement, "
    "mitgliedschaft, formule, suscripcion, abono, membresia, plan de socio, abbonamento, plano, "
    "assinatura, lidmaatschap, abonament, абонемент, тариф",
    "period": "period, billing period, interval, billing interval, laufzeit, zeitraum, periode, "
    "periodo, periodicidad, okres, период",
    "stamps": "stamps, stamp balance, stempel, number of stamps, anzahl stempel, stempelstand, "
    "sellos acumulados, tampons, sellos, timbri, carimbos, stempels, штампы",
    "rewards": "rewards, reward balance, praemien, recompenses, recompensas, premi, награды",
    "points": "points, point balance, points balance, bonus, bonus points, punkte, punktestand, "
    "loyalty points, reward points, bonuspunkte, treuepunkte, puntos acumulados, puntos, punti, "
    "pontos, punten, punkty, баллы, бонусы",
    "visits": "visits, visits left, visits remaining, remaining visits, sessions left, "
    "restbesuche, verbleibende besuche, eintritte, visitas restantes, besuche, visites, visitas, "
    "visite, bezoeken, визиты, посещения",
    "money": "balance, money, credit, store credit, gift card balance, guthaben, card balance, "
    "kartenguthaben, restguthaben, saldo disponible, saldo, solde, credito, tegoed, баланс, "
    "остаток",
    "spent": "spent, total spent, total spend, lifetime spend, umsatz, gesamtumsatz, "
    "chiffre d affaires, total depense, gastado, total gastado, speso, gasto, сумма покупок",
}

DAY = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-]\d{2,4}")
AMOUNT = re.compile(r"[^A-Za-z]*\d[.,]\d\d")


def folded(header: str) -> str:
    """As headers are compared: small, without accents and signs."""
    plain = unicodedata.normalize("NFKD", header.casefold().replace("ß", "ss"))
    for umlaut, letters in (("u\u0308", "ue"), ("a\u0308", "ae"), ("o\u0308", "oe")):
        plain = plain.replace(umlaut, letters)
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    return re.sub(r"[\W_]+", " ", plain).strip()


HEADERS = {
    folded(header): meaning for meaning, said in _SAID.items() for header in said.split(",")
} | {folded(meaning): meaning for meaning in MEANINGS if meaning != ATTRIBUTE}


@dataclass(frozen=True, slots=True)
class Layout:
    """How a file is to be understood: a meaning for each column ("" is left out)."""

    columns: tuple[str, ...]
    region: str = "US"
    dates: str = "dmy"
    decimal: str = "."

    def __post_init__(self) -> None:
        used = [each for each in self.columns if each and each != ATTRIBUTE]
        twice = [each for each in used if used.count(each) > 1]
        problems = {}
        if unknown := [each for each in used if each not in MEANINGS]:
            problems["columns"] = [_now("There is no meaning “%s”.") % unknown[0][:40]]
        elif twice:
            said = _now("Two columns mean “%s”. Choose one of them.")
            problems["columns"] = [said % MEANINGS[twice[0]]]
        elif not {"email", "phone", "external_id"} & set(used):
            said = _now("Say which column holds the email, the phone number or an id.")
            problems["columns"] = [said]
        if self.region not in REGIONS:
            problems["region"] = [_now("There is no such country.")]
        if self.dates not in DATE_ORDERS:
            problems["dates"] = [_now("Choose one of: %s.") % ", ".join(DATE_ORDERS)]
        if self.decimal not in DECIMAL_SIGNS:
            problems["decimal"] = [_now("Choose one of: %s.") % " ".join(DECIMAL_SIGNS)]
        if problems:
            raise Invalid(problems)

    def as_json(self) -> dict[str, Any]:
        return {
            "columns": list(self.columns),
            "region": self.region,
            "dates": self.dates,
            "decimal": self.decimal,
        }

    @classmethod
    def of(cls, stored: dict[str, Any]) -> "Layout":
        return cls(**stored | {"columns": tuple(stored.get("columns", ()))})


@dataclass(slots=True)
class Guessed:
    """What the headers and the first lines say; not yet a layout: nobody may be named by it."""

    columns: list[str]
    dates: str = "dmy"
    decimal: str = "."


def is_heading(cells: Sequence[Cell]) -> bool:
    """Whether a file's first row names its columns, rather than being somebody."""
    return not any("@" in str(cell) for cell in cells)


def guessed(headers: Sequence[str], first: Sequence[Sequence[Cell]]) -> Guessed:
    """What each column probably means, from its header, else from what stands in it."""
    found = [HEADERS.get(folded(header), "") for header in headers]
    if "email" not in found:
        holding = [place for place, _header in enumerate(headers) if _holds_emails(place, first)]
        found = ["email" if [place] == holding[:1] else old for place, old in enumerate(found)]
    columns = [each if each not in found[:place] else "" for place, each in enumerate(found)]
    texts = [str(cell) for row in first for cell in row if isinstance(cell, str)]
    return Guessed(columns, _date_order(texts), _decimal_sign(texts))


def _holds_emails(place: int, first: Sequence[Sequence[Cell]]) -> bool:
    cells = [str(row[place]) for row in first if place < len(row) and row[place] not in (None, "")]
    return bool(cells) and all("@" in cell for cell in cells)


def _date_order(texts: Iterable[str]) -> str:
    """Only a day beyond the twelfth tells which is the month; what most of them say is believed."""
    found = (DAY.fullmatch(each.strip()) for each in texts)
    pairs = [(int(each[1]), int(each[2])) for each in found if each]
    days_first = sum(first > 12 for first, _second in pairs)
    return "mdy" if sum(second > 12 for _first, second in pairs) > days_first else "dmy"


def _decimal_sign(texts: Iterable[str]) -> str:
    said = [each.strip() for each in texts]
    signs = [each[-3] for each in said if AMOUNT.fullmatch(each) and not DAY.fullmatch(each)]
    return "," if signs.count(",") > signs.count(".") else "."
