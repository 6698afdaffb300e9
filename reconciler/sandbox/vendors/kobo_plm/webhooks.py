"""Kobo PLM's webhooks: which events there are, how they are signed, sent and sent again.

The payload, the headers, the signature and the five attempts are as documented (sections Webhook
Payload, Webhook Headers, Signature Verification, Retry Policy). Assumed, because the documentation
does not say:
- Each delay counts from the attempt before, by the sandbox's clock; an answer of 2xx is a delivery,
  and any other, or none within two seconds, has failed and adds one to the failure count.
- A status that changes is `status_changed` beside `updated`; `task.completed` and `task.assigned`,
  `inventory.low_stock` likewise. Archiving a style deletes it. `meta.change` has the first field
  that changed.
- rotate-secret shows the new secret; what is sent afterwards is signed with it.
- test sends `webhook.test`, to an inactive webhook too, and is tried once; so is a retry.

Nothing is sent to an address beyond this machine: such a webhook has no deliveries, and test and
retry only note that they delivered.
"""

from __future__ import annotations

import hashlib
import hmac
import uuid
from datetime import datetime, timedelta
from functools import partial

from reconciler.sandbox import crud
from reconciler.sandbox.describe import Account, Answer, Call, Kind, encode
from reconciler.sandbox.outbox import TIMEOUT, is_here
from reconciler.sandbox.store import Object
from reconciler.sandbox.vendors.kobo_plm import laravel
from reconciler.sandbox.vendors.kobo_plm.events import change_of, verbs
from reconciler.sandbox.vendors.kobo_plm.kinds import EVENTS, WEBHOOKS, secret

DELAYS = (60, 5 * 60, 30 * 60, 2 * 60 * 60)
"""Seconds before the second attempt and those after it."""
SUBJECTS = {
    "styles": "style",
    "components": "component",
    "suppliers": "supplier",
    "stock_levels": "inventory",
    "customers": "customer",
    "bom_items": "bom",
    "tasks": "task",
    "projects": "project",
}
"""What events call the kinds whose objects they are about."""


def wrote(call: Call, kind: Kind, number: int, before: Object | None, after: Object | None) -> None:
    """Tell the webhooks that subscribe to what a write did."""
    subject = SUBJECTS.get(kind.name)
    if subject is None:
        return
    for verb in verbs(before, after):
        tell(
            call, kind, number, f"{subject}.{verb}", after or before, change_of(verb, before, after)
        )


def tell(
    call: Call,
    kind: Kind,
    number: int,
    event: str,
    thing: Object | None,
    change: Object | None = None,
) -> None:
    """Send an event about an object to the active webhooks that subscribe to it."""
    account = call.account
    hooks = [hook for hook in account.store[WEBHOOKS.name] if event in hook["events"]]
    hooks = [hook for hook in hooks if hook["is_active"] and is_here(hook["url"])]
    if not hooks or event not in EVENTS:
        return
    attributes = crud.as_read(account, kind, thing or {})
    payload = _payload(account, event, number, event.partition(".")[0], attributes, change)
    for hook in hooks:
        _begin(account, hook["id"], event, payload)


def _payload(
    account: Account,
    event: str,
    number: int,
    subject: str,
    attributes: Object,
    change: Object | None,
) -> Object:
    meta = {"api_version": "v1"} | ({"change": change} if change else {})
    data = {"id": number, "type": subject.title().replace("_", ""), "attributes": attributes}
    return {"event": event, "created_at": account.clock.iso(), "data": data, "meta": meta}


def _begin(account: Account, hook: int, event: str, payload: Object, attempts: int = 5) -> int:
    """Note a delivery in the history of a webhook and send it; its number there."""
    webhook = account.store[WEBHOOKS.name][hook]
    number = len(webhook["deliveries"]) + 1
    delivery = {
        "id": number,
        "event": event,
        "event_id": str(uuid.uuid4()),
        "status": "pending",
        "response_status": None,
        "attempt": 0,
        "attempts_left": attempts,
        "next_attempt_at": None,
        "payload": payload,
        "created_at": account.clock.iso(),
    }
    account.store.write(
        WEBHOOKS.name, hook, webhook | {"deliveries": [*webhook["deliveries"], delivery]}
    )
    _send(account, hook, number)
    return number


def _send(account: Account, hook: int, number: int) -> None:
    """Make the next attempt of a delivery."""
    webhook = account.store[WEBHOOKS.name][hook]
    delivery = webhook["deliveries"][number - 1]
    body = encode(delivery["payload"])
    moment = str(int(account.clock.now().timestamp()))
    key = webhook["secret"].encode()
    signature = hmac.new(key, moment.encode() + b"." + body, hashlib.sha256).hexdigest()
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "KOBO-PLM-Webhooks/1.0",
        "X-Webhook-Event": delivery["event"],
        "X-Webhook-Event-Id": delivery["event_id"],
        "X-Webhook-Timestamp": moment,
        "X-Webhook-Signature": f"sha256={signature}",
    }
    account.outbox.post(
        webhook["url"], headers, body, partial(_settle, account, hook, number, delivery["event_id"])
    )


def _settle(account: Account, hook: int, number: int, event_id: str, status: int) -> None:
    """Note how an attempt ended, and when the next one is due."""
    webhook = account.store[WEBHOOKS.name].get(hook)
    history = webhook["deliveries"] if webhook else []
    if webhook is None or len(history) < number or history[number - 1]["event_id"] != event_id:
        return  # the state was put anew in between
    delivery = history[number - 1]
    delivered, left = 200 <= status < 300, delivery["attempts_left"] - 1
    after = delivery | {
        "status": "delivered" if delivered else "pending" if left > 0 else "failed",
        "response_status": status or None,
        "attempt": delivery["attempt"] + 1,
        "attempts_left": 0 if delivered else left,
        "next_attempt_at": None,
    }
    if after["status"] == "pending":
        due = account.clock.now() + timedelta(seconds=DELAYS[after["attempt"] - 1])
        after["next_attempt_at"] = due.strftime("%Y-%m-%dT%H:%M:%SZ")
        _later(account, hook, after)
    changed = [*history[: number - 1], after, *history[number:]]
    failures = webhook["failure_count"] + (not delivered)
    account.store.write(
        WEBHOOKS.name, hook, webhook | {"deliveries": changed, "failure_count": failures}
    )


def _later(account: Account, hook: int, delivery: Object) -> None:
    """Make the next attempt of a delivery when it is due; one that was on its way, at once."""
    due = datetime.fromisoformat(delivery["next_attempt_at"] or "1970-01-01T00:00:00Z")
    again = partial(_again, account, hook, delivery["id"], delivery["event_id"])
    account.due.append((due.timestamp(), again))


def resume(account: Account) -> None:
    """Take up the deliveries that were pending when the state was saved."""
    for hook in account.store[WEBHOOKS.name]:
        for delivery in hook["deliveries"]:
            if delivery.get("status") == "pending" and "payload" in delivery:
                _later(account, hook["id"], delivery)


def _again(account: Account, hook: int, number: int, event_id: str) -> None:
    """Make the next attempt, unless the webhook is gone or its history is another one."""
    webhook = account.store[WEBHOOKS.name].get(hook)
    history = webhook["deliveries"] if webhook else []
    if len(history) >= number and history[number - 1]["event_id"] == event_id:
        _send(account, hook, number)


def advance(account: Account) -> None:
    """Note the answers that came, and make the attempts that are due."""
    account.outbox.collect()
    now = account.clock.now().timestamp()
    for due in [due for due in account.due if due[0] <= now]:
        account.due.remove(due)
        due[1]()


def settled(call: Call) -> tuple[int, Object]:
    """The webhook that the path names, once what is on its way was answered."""
    call.account.outbox.collect(wait_for=2 * TIMEOUT)
    number = crud.id_in_path(call, WEBHOOKS)
    return number, call.collection(WEBHOOKS)[number]


def shown(delivery: Object) -> Object:
    """A delivery as the history shows it."""
    return {n: v for n, v in delivery.items() if n not in ("payload", "attempts_left")}


def deliveries(call: Call) -> Answer:
    """A page of a webhook's history."""
    return laravel.entries(call, [shown(each) for each in settled(call)[1]["deliveries"]])


def rotate(call: Call) -> Answer:
    """A new signing secret, which follows from the one before."""
    number = crud.id_in_path(call, WEBHOOKS)
    webhook = call.collection(WEBHOOKS)[number]
    crud.change(call, WEBHOOKS, number, {"secret": secret(webhook["secret"])})
    return laravel.data(crud.item(call, WEBHOOKS, number, reveal=WEBHOOKS.revealed))


def reset(call: Call) -> Answer:
    """Forgets a webhook's failures."""
    number, _ = settled(call)
    crud.change(call, WEBHOOKS, number, {"failure_count": 0})
    return laravel.data(crud.item(call, WEBHOOKS, number))


def test(call: Call) -> Answer:
    """A test event, delivered at once."""
    number, webhook = settled(call)
    payload = _payload(call.account, "webhook.test", number, "webhook", {"id": number}, None)
    if is_here(webhook["url"]):
        entry = _begin(call.account, number, "webhook.test", payload, attempts=1)
    else:
        entry = len(webhook["deliveries"]) + 1
        noted = {"id": entry, "event": "webhook.test"} | _delivered(1)
        noted |= {"event_id": str(uuid.uuid4()), "created_at": call.account.clock.iso()}
        history = [*webhook["deliveries"], noted | {"attempts_left": 0, "payload": payload}]
        call.write(WEBHOOKS, number, webhook | {"deliveries": history})
    return laravel.data(shown(settled(call)[1]["deliveries"][entry - 1]))


def retry(call: Call) -> Answer:
    """Delivers one entry of a webhook's history again."""
    number, webhook = settled(call)
    history = webhook["deliveries"]
    for place, entry in enumerate(history):
        if str(entry["id"]) != call.params["delivery"]:
            continue
        here = is_here(webhook["url"]) and "payload" in entry
        again = entry | ({"attempts_left": 1} if here else _delivered(entry.get("attempt", 1) + 1))
        after = [*history[:place], again, *history[place + 1 :]]
        call.write(WEBHOOKS, number, webhook | {"deliveries": after})
        if here:
            _send(call.account, number, place + 1)
        return laravel.data(shown(settled(call)[1]["deliveries"][place]))
    raise call.refuse(404, f"No query results for model [deliveries] {call.params['delivery']}")


def _delivered(attempt: int) -> Object:
    return {"status": "delivered", "response_status": 200, "attempt": attempt}


def stats(call: Call) -> Answer:
    """How a webhook's deliveries went."""
    number, webhook = settled(call)
    history = webhook["deliveries"]
    ended = [entry.get("status") for entry in history]
    return laravel.data(
        {
            "webhook_id": number,
            "total_deliveries": len(history),
            "successful_deliveries": ended.count("delivered"),
            "failed_deliveries": len(ended) - ended.count("delivered") - ended.count("pending"),
            "failure_count": webhook["failure_count"],
            "last_delivery_at": history[-1].get("created_at") if history else None,
        }
    )
