"""How staff's pages are asked for and read."""

from typing import Any

from django.http import HttpResponse
from django.urls import reverse


def page(name: str, *args: Any) -> str:
    """The address of an admin page of ours: `page("card_change", 7)`."""
    return reverse(f"admin:loyalty_{name}", args=args)


def seen(response: HttpResponse) -> str:
    assert response.status_code == 200, response
    return response.content.decode()


def errors(response: Any) -> dict[str, list[str]]:
    """What the form says, by field."""
    return {name: list(texts) for name, texts in response.context["adminform"].errors.items()}
