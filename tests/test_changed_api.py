"""A vendor whose answers are no longer what they were."""

from __future__ import annotations

from typing import Any

SUPPLIERS = """
provider: kobo-plm
suppliers:
  S-1: {name: Anadolu Tekstil, payment_terms: Net 30}
  S-2: {name: Ege İplik, payment_terms: Net 60}
"""


def forgetting(here: Any, name: str) -> None:
    """From now on the vendor leaves a field out of all that it answers of suppliers."""
    told = here.sandbox.state("kobo-plm")["suppliers"]
    data = [{n: v for n, v in one.items() if n != name} for one in told]
    answer = {"data": data, "meta": {"total": len(data), "current_page": 1}}
    here.sandbox.faults(
        [
            {
                "vendor": "kobo-plm",
                "method": "GET",
                "path": "*/suppliers",
                "fault": {"status": 200, "body": answer},
            }
        ]
    )


def test_a_field_that_vanished_gives_one_warning_and_no_change(workspace: Any) -> None:
    """The warning names the field; nothing is planned for it, and nothing is taken for drift."""
    here = workspace(SUPPLIERS)
    here.apply()
    forgetting(here, "payment_terms")
    for command in ("plan", "drift"):
        shown = here.run(command, "--detailed-exitcode")
        assert shown.code == 0, shown
        assert shown.err.count("payment_terms") == 1
        assert (
            "kobo-plm/suppliers: the vendor no longer returns payment_terms, "
            "which was applied to 2 objects" in shown.err
        )
    here.sandbox.faults([])
    assert here.settled()


def test_what_else_changed_is_still_planned(workspace: Any) -> None:
    """A vanished field does not hide a change of another one."""
    here = workspace(SUPPLIERS)
    here.apply()
    forgetting(here, "payment_terms")
    here.write(SUPPLIERS.replace("Ege İplik", "Ege Örme"))
    (entry,) = here.plan()
    assert entry["x_action"] == "update"
    assert [change["path"] for change in entry["x_fields"]] == [["name"]]


def test_a_field_that_one_object_lost_is_drift(workspace: Any, sandbox: Any) -> None:
    """What others still have did not vanish: it was unset, and is set again."""
    here = workspace(SUPPLIERS)
    here.apply()
    objects = sandbox.state("kobo-plm")["suppliers"]
    objects[-1]["payment_terms"] = None
    sandbox.put_state("kobo-plm", {"suppliers": objects})
    (entry,) = here.plan()
    assert (entry["x_action"], entry["x_cause"]) == ("update", "drift")
