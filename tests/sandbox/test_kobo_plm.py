"""Kobo PLM in the sandbox answers as its documentation says."""

from typing import Any

import httpx
import pytest

from reconciler.sandbox.server import Running

WEBHOOK = {"name": "CRM", "url": "https://crm.example.com/hook", "events": ["style.created"]}
FROZEN = "2026-01-01T00:00:00Z"


def errors(answer: httpx.Response) -> Any:
    """The fields a validation complains about."""
    assert answer.status_code == 422
    assert answer.json()["message"] == "The given data was invalid."
    return answer.json()["errors"]


def test_suppliers_are_the_documentations_example(kobo: httpx.Client) -> None:
    """The docs data set holds exactly the documented supplier, in a full envelope."""
    page = kobo.get("/suppliers").json()
    assert [each["code"] for each in page["data"]] == ["SUP-001"]
    assert page["data"][0]["address"]["country"] == "US"
    assert page["data"][0]["rating"] == 4.5
    assert page["meta"] == {
        "current_page": 1,
        "from": 1,
        "last_page": 1,
        "per_page": 25,
        "to": 1,
        "total": 1,
    }
    assert page["links"]["prev"] is page["links"]["next"] is None


def test_components_nest_their_supplier(kobo: httpx.Client) -> None:
    """A component reads its supplier as id and name, and its price as a decimal string."""
    component = kobo.get("/components/1").json()["data"]
    assert component["supplier"] == {"id": 1, "name": "Premium Textiles Ltd"}
    assert component["unit_price"] == "8.50"
    assert "supplier_id" not in component


def test_a_renamed_supplier_shows_in_its_components(kobo: httpx.Client) -> None:
    """What a component nests is the supplier as it is now."""
    kobo.get("/components")
    kobo.put("/suppliers/1", json={"name": "Premium"}).raise_for_status()
    assert kobo.get("/components").json()["data"][0]["supplier"]["name"] == "Premium"


@pytest.mark.parametrize(
    ("sent", "read"), [(12, "12.00"), (8.5, "8.50"), ("3.1", "3.10"), ("0.125", "0.125")]
)
def test_prices_are_taken_as_numbers_or_strings(
    kobo: httpx.Client, sent: object, read: str
) -> None:
    """A price may be sent either way and reads back as a decimal string."""
    body = {"code": "C", "name": "C", "supplier_id": 1, "unit_price": sent}
    answer = kobo.post("/components", json=body)
    assert answer.status_code == 201
    assert answer.json()["data"]["unit_price"] == read


def test_create_update_delete(sandbox: Running, kobo: httpx.Client) -> None:
    """A create is 201, an update 200 that leaves alone what was not sent, a delete 204."""
    sandbox.clock(FROZEN)
    made = kobo.post("/webhooks", json=WEBHOOK)
    assert made.status_code == 201
    webhook = made.json()["data"]
    assert webhook["id"] == 2
    assert webhook["is_active"] is True
    assert webhook["created_at"] == webhook["updated_at"] == FROZEN
    sandbox.clock(advance=60)
    for method, change in (("PUT", {"name": "CRM 2"}), ("PATCH", {"is_active": False})):
        answer = kobo.request(method, "/webhooks/2", json=change)
        assert answer.status_code == 200
    now = kobo.get("/webhooks/2").json()["data"]
    assert (now["name"], now["is_active"], now["url"]) == ("CRM 2", False, WEBHOOK["url"])
    assert now["updated_at"] == "2026-01-01T00:01:00Z"
    gone = kobo.delete("/webhooks/2")
    assert (gone.status_code, gone.content) == (204, b"")
    assert kobo.get("/webhooks/2").status_code == 404
    assert kobo.post("/webhooks", json=WEBHOOK).json()["data"]["id"] == 3


def test_an_update_that_changes_nothing_moves_no_timestamp(kobo: httpx.Client) -> None:
    """`updated_at` says when something last changed, not when somebody last wrote."""
    before = kobo.get("/suppliers/1").json()
    assert kobo.put("/suppliers/1", json={"name": before["data"]["name"]}).json() == before


def test_unknown_and_read_only_fields_are_ignored(kobo: httpx.Client) -> None:
    """Fields the vendor does not take neither fail a write nor stick."""
    answer = kobo.put("/suppliers/1", json={"rating": 1, "nonsense": 2, "id": 9})
    assert answer.status_code == 200
    assert answer.json()["data"]["rating"] == 4.5
    assert "nonsense" not in answer.json()["data"]


def test_validation_names_every_field(kobo: httpx.Client) -> None:
    """A 422 lists each field with Laravel's sentence about it."""
    assert errors(kobo.post("/webhooks", json={"events": ["nope"], "is_active": "maybe"})) == {
        "name": ["The name field is required."],
        "url": ["The url field is required."],
        "events.0": ["The selected events.0 is invalid."],
        "is_active": ["The is active field must be true or false."],
    }
    assert errors(kobo.post("/components", json={"code": 1, "name": "x", "supplier_id": 99})) == {
        "code": ["The code field must be a string."],
        "supplier_id": ["The selected supplier id is invalid."],
    }
    wrong = {"unit_price": "dear", "minimum_order_quantity": "few", "specifications": 3}
    assert set(errors(kobo.put("/components/1", json=wrong))) == set(wrong)
    wrong = {"email": "nobody", "address": "x", "certifications": [1]}
    assert set(errors(kobo.put("/suppliers/1", json=wrong))) == {
        "email",
        "address",
        "certifications.0",
    }
    assert errors(kobo.put("/webhooks/1", json={"name": None, "events": []})).keys() == {
        "name",
        "events",
    }


def test_a_body_that_is_no_json_is_a_400(kobo: httpx.Client) -> None:
    """A malformed body is told apart from invalid data."""
    assert kobo.post("/webhooks", content=b"{").status_code == 400
    assert kobo.post("/webhooks", content=b"[1]").status_code == 400
    assert kobo.post("/webhooks", content=b'{"name": NaN}').status_code == 400


def test_codes_are_unique_and_names_are_not(kobo: httpx.Client) -> None:
    """Uniqueness holds where the documentation promises it, and only there."""
    taken = errors(kobo.post("/suppliers", json={"code": "SUP-001", "name": "x"}))
    assert taken == {"code": ["The code has already been taken."]}
    assert kobo.put("/suppliers/1", json={"code": "SUP-001"}).status_code == 200
    assert kobo.post("/suppliers", json={"code": "S2", "name": "x"}).status_code == 201
    assert "code" in errors(kobo.put("/suppliers/2", json={"code": "SUP-001"}))
    for _ in range(2):
        assert kobo.post("/webhooks", json=WEBHOOK).status_code == 201
    kobo.delete("/suppliers/2")
    assert kobo.post("/suppliers", json={"code": "S2", "name": "x"}).status_code == 201


def test_a_supplier_in_use_cannot_be_deleted(kobo: httpx.Client) -> None:
    """Deleting a supplier waits until no component refers to it, and a component likewise."""
    assert "components" in errors(kobo.delete("/suppliers/1"))["id"][0]
    assert "bom_items" in errors(kobo.delete("/components/1"))["id"][0]
    kobo.delete("/bom/1")
    kobo.delete("/components/1")
    assert kobo.delete("/suppliers/1").status_code == 204


def test_credentials_and_scopes(sandbox: Running, kobo: httpx.Client) -> None:
    """No key is 401, a key without the scope 403; lookups need no scope."""
    for headers in ({}, {"X-API-Key": "other"}):
        answer = httpx.get(f"{sandbox.urls['kobo-plm']}/webhooks", headers=headers)
        assert answer.status_code == 401
        assert answer.json() == {"message": "Unauthenticated."}
    sandbox.scopes("sandbox-kobo-key", ["webhooks:read"])
    assert kobo.get("/webhooks").status_code == 200
    assert kobo.get("/lookups/units").status_code == 200
    for refused in (kobo.post("/webhooks", json=WEBHOOK), kobo.get("/suppliers")):
        assert refused.status_code == 403
        assert set(refused.json()) == {"message"}


def test_what_does_not_exist(kobo: httpx.Client) -> None:
    """Unknown paths and ids are 404, known paths with another method 405, with a message."""
    for path in ("/nope", "/webhooks/99", "/webhooks/abc", "/webhooks/1/nope"):
        assert kobo.get(path).status_code == 404
        assert set(kobo.get(path).json()) == {"message"}
    assert kobo.post("/api-keys", json={"name": "x"}).status_code == 405


def test_the_secret_is_told_by_create_and_rotate_only(kobo: httpx.Client) -> None:
    """A signing secret is never read back; it is the same in every run."""
    made = kobo.post("/webhooks", json=WEBHOOK).json()["data"]
    assert made["secret"] == "whsec_6120c4c72e4e00b6626ec9b1fbd6a6aa"
    rotated = kobo.post("/webhooks/2/rotate-secret").json()["data"]["secret"]
    assert rotated != made["secret"]
    for answer in (kobo.get("/webhooks/2"), kobo.get("/webhooks"), kobo.put("/webhooks/2")):
        assert "secret" not in answer.text


def test_webhook_actions(kobo: httpx.Client) -> None:
    """Events, test, deliveries, retry, stats and reset answer and agree with each other."""
    assert "workflow.failed" in kobo.get("/webhooks/events").json()["data"]
    delivery = kobo.post("/webhooks/1/test").json()["data"]
    assert kobo.get("/webhooks/1/deliveries").json()["data"] == [delivery]
    assert kobo.post("/webhooks/1/deliveries/1/retry").json()["data"]["attempt"] == 2
    assert kobo.post("/webhooks/1/deliveries/7/retry").status_code == 404
    assert kobo.post("/webhooks/1/reset").status_code == 200
    stats = kobo.get("/webhooks/1/stats").json()["data"]
    assert (stats["total_deliveries"], stats["failure_count"]) == (1, 0)


def test_workflow_actions(kobo: httpx.Client) -> None:
    """Templates are listed; an execution shows in the history."""
    assert kobo.get("/workflows/templates").json()["data"]
    context = {"style_id": 123, "action": "status_change"}
    run = kobo.post("/workflows/1/execute", json={"context": context}).json()["data"]
    assert run["context"] == context
    assert kobo.get("/workflows/1/executions").json()["data"] == [run]
    assert "executions" not in kobo.get("/workflows/1").json()["data"]


def test_api_keys_are_listed_used_and_revoked(kobo: httpx.Client) -> None:
    """A revoked key is gone; no answer ever holds a key itself."""
    assert [key["id"] for key in kobo.get("/api-keys").json()["data"]] == [1, 2]
    assert kobo.get("/api-keys/1/usage").json()["data"]["total_requests"] == 15420
    assert kobo.post("/api-keys/2/revoke").json()["data"]["revoked_at"]
    assert [key["id"] for key in kobo.get("/api-keys").json()["data"]] == [1]
    assert "sandbox-kobo-key" not in kobo.get("/api-keys").text


@pytest.mark.parametrize("name", ["size-ranges", "currencies", "component-categories", "units"])
def test_lookups_come_whole(kobo: httpx.Client, name: str) -> None:
    """A lookup has its own envelope and no pages."""
    answer = kobo.get(f"/lookups/{name}?per_page=1").json()
    assert set(answer) == {"success", "data"}
    assert answer["success"] is True
    assert len(answer["data"]) > 1


def test_filters(sandbox: Running, kobo: httpx.Client) -> None:
    """Lists filter by the documented parameters and ignore others."""

    def total(path: str) -> int:
        found: int = kobo.get(path).json()["meta"]["total"]
        return found

    kobo.post("/suppliers", json={"code": "T", "name": "T", "address": {"country": "TR"}})
    kobo.post("/components", json={"code": "T", "name": "T", "supplier_id": 2, "type": "trim"})
    assert total("/suppliers?country=TR") == 1
    assert total("/suppliers?type=manufacturer") == 1
    assert total("/components?supplier_id=2") == 1
    assert total("/components?type=fabric&supplier_id=2") == 0
    assert total("/workflows?is_active=0") == total("/workflows?is_active=false") == 1
    assert total("/workflows?trigger_type=style.created") == 1
    assert total("/suppliers?nonsense=1") == 2
    assert total("/suppliers?updated_since=2024-01-14T16:20:00Z") == 2
    assert total("/suppliers?updated_since=2024-01-14T19:20:01%2B03:00") == 1
    assert total("/suppliers?created_since=2024-02-01T00:00:00Z") == 1
    assert "updated_since" in errors(kobo.get("/suppliers?updated_since=yesterday"))


def test_idempotency_keys(kobo: httpx.Client) -> None:
    """The same key and body is one create; the same key and another body is refused."""
    headers = {"Idempotency-Key": "k1"}
    first = kobo.post("/webhooks", json=WEBHOOK, headers=headers)
    again = kobo.post("/webhooks", json=WEBHOOK, headers=headers)
    assert first.json() == again.json()
    assert again.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    other = kobo.post("/webhooks", json=WEBHOOK | {"name": "other"}, headers=headers)
    assert other.status_code == 422
    assert kobo.get("/webhooks").json()["meta"]["total"] == 2


def test_a_refused_create_does_not_use_up_its_key(kobo: httpx.Client) -> None:
    """After a 422 the corrected body may be sent under the same key."""
    headers = {"Idempotency-Key": "k1"}
    assert kobo.post("/webhooks", json={}, headers=headers).status_code == 422
    assert kobo.post("/webhooks", json=WEBHOOK, headers=headers).status_code == 201
