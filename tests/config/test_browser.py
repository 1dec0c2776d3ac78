"""The staff's door in a real browser: it opens, and nothing on it breaks the page's own policy."""

import pytest


@pytest.mark.django_db(transaction=True)
def test_the_owner_signs_in(page, live_server, admin_user):
    complaints = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)

    page.goto(f"{live_server.url}/")
    page.get_by_label("Username").fill("admin")
    page.get_by_label("Password").fill("password")
    page.get_by_role("button", name="Log in").click()

    page.get_by_role("button", name="Log out").wait_for()
    assert complaints == []
