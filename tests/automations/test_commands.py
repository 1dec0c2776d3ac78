"""The four commands: they call a verb, say what came of it, and end with the right code."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from automations import publishing
from automations.models import Automation


def run(*args):
    """What it prints."""
    out = io.StringIO()
    call_command(*args, "--no-input", stdout=out)
    return out.getvalue()


def refused(*args):
    """The code it ends with, and what it prints."""
    out = io.StringIO()
    with pytest.raises(CommandError) as refusal:
        call_command(*args, "--no-input", stdout=out)
    return refusal.value.returncode, out.getvalue() or str(refusal.value)


@pytest.fixture
def file(tmp_path, tenth_coffee):
    path = tmp_path / "tenth-coffee.json"
    path.write_text(json.dumps(tenth_coffee))
    return path


def test_what_was_imported_can_be_exported(shop, file, tenth_coffee):
    said = run("import_automation", str(file))

    assert said == "Imported “Tenth coffee” (tenth-coffee).\n"
    assert json.loads(run("export_automation", "tenth-coffee")) == tenth_coffee
    by_id = str(Automation.objects.get().pk)
    assert json.loads(run("export_automation", by_id, "--json")) == tenth_coffee


def test_a_document_can_be_piped_in_and_published_at_once(shop, file, tenth_coffee, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps(tenth_coffee)))

    said = json.loads(run("import_automation", "-", "--publish", "--json"))

    assert said == {"slug": "tenth-coffee", "name": "Tenth coffee", "mode": "working"}
    assert Automation.objects.get().is_working


def test_what_is_live_can_be_exported_beside_a_draft(shop, file, tenth_coffee, tmp_path):
    run("import_automation", str(file), "--publish")
    file.write_text(json.dumps({**tenth_coffee, "steps": [{"key": "x", "type": "exit"}]}))
    run("import_automation", str(file))

    draft = json.loads(run("export_automation", "tenth-coffee"))
    live = json.loads(run("export_automation", "tenth-coffee", "--live"))

    assert (len(draft["steps"]), live) == (1, tenth_coffee)


def test_an_import_that_cannot_be_published_is_undone(shop, file, tenth_coffee):
    tenth_coffee["triggers"] = []
    file.write_text(json.dumps(tenth_coffee))

    code, said = refused("import_automation", str(file), "--publish", "--json")

    assert (code, json.loads(said)["code"]) == (2, "invalid")
    assert json.loads(said)["fields"] == {"": ["Choose what starts it."]}
    assert not Automation.objects.exists()


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, "[]", '{"format": 1}'])
def test_a_file_that_is_no_automation_is_refused(shop, file, text):
    file.write_text(text)

    code, _said = refused("import_automation", str(file))

    assert code == 2
    assert not Automation.objects.exists()


def test_what_is_wrong_in_a_document_is_said_with_its_path(shop, file, tenth_coffee):
    tenth_coffee["steps"][0]["for"] = "tomorrow"
    file.write_text(json.dumps(tenth_coffee))

    code, said = refused("import_automation", str(file))

    assert code == 2
    assert "steps[0].for: " in said


def test_an_automation_is_published_and_paused_by_name(chain):
    automation = chain({"type": "exit"})

    published = run("publish", "test")
    automation.refresh_from_db()
    assert (published, automation.mode) == ("“Test” is Working (version 1).\n", "working")

    paused = run("pause", str(automation.pk), "--people", "hold", "--json")
    automation.refresh_from_db()
    assert (json.loads(paused)["mode"], automation.mode) == ("draft", "draft")


@pytest.mark.parametrize("command", ["publish", "pause", "export_automation"])
def test_an_automation_that_is_not_there_is_refused(chain, command, now):
    publishing.delete_automation(chain({"type": "exit"}), now=now)

    code, said = refused(command, "test")

    assert (code, said) == (2, "There is no automation “test”.")


def test_people_can_finish_or_end_here(chain):
    automation = chain({"type": "exit"}, publish=True)

    run("pause", "test", "--people", "finish")
    automation.refresh_from_db()
    assert (automation.is_working, automation.lets_finish) == (False, True)

    run("pause", "test", "--people", "end")
    automation.refresh_from_db()
    assert (automation.is_working, automation.lets_finish) == (False, False)


def test_a_choice_for_a_step_is_handed_on(chain):
    chain({"key": "w", "type": "wait", "for": "P1D"})

    assert refused("publish", "test", "--choice", "w")[0] == 2
    assert "choices.nothing" in refused("publish", "test", "--choice", "nothing=move")[1]
    run("publish", "test", "--choice", "w=move", "--choice", "all=finish")

    automation = Automation.objects.get()
    assert automation.is_working
    assert automation.live is not None
    assert automation.live.published_by == "command"


def test_people_cannot_be_shooed(chain):
    chain({"type": "exit"}, publish=True)

    with pytest.raises(CommandError):
        call_command("pause", "test", "--people", "shoo")

    assert Automation.objects.get().is_working
