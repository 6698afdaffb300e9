"""Secrets are recognized in every usual form, and nothing else is taken for one."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from reconciler.http.redaction import NOT_SHOWN, KnownSecrets
from reconciler.http.secret_forms import HALF, PIECE
from reconciler.model import Secret
from reconciler.sandbox.dataset import generated
from reconciler.sandbox.store import Clock
from reconciler.sandbox.vendors.kobo_plm.kinds import SUPPLIERS

from .encodings import CANARIES, ENCODINGS, SPLIT


def known(*values: str) -> KnownSecrets:
    """A run that knows these secrets by their numbers."""
    return KnownSecrets(Secret(value, str(number)) for number, value in enumerate(values))


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_secret_is_recognized_in_an_answer(encoding: str) -> None:
    """In the middle of other data, however the vendor writes it."""
    for secret in CANARIES:
        answer = f'{{"data": [{{"id": 1, "name": "x {ENCODINGS[encoding](secret)} y"}}]}}'
        letters = sum(sign.isalnum() for sign in secret)
        if encoding != SPLIT or letters >= 2 * HALF:
            assert known(secret).found_in(answer.encode()) == "0", (secret, answer)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_secret_is_hidden_in_a_text(encoding: str) -> None:
    """Neither it nor a longer part of it is left in what is shown."""
    for secret in CANARIES:
        form = ENCODINGS[encoding](secret)
        shown = known(secret).hidden_in(f"the key {form} is odd")
        assert form not in shown
        assert secret not in shown
        assert shown == NOT_SHOWN or "(sensitive)" in shown, shown
        pieces = {secret[at : at + PIECE] for at in range(len(secret) - PIECE + 1)}
        assert not [piece for piece in pieces if piece in shown]


def test_the_beginning_of_a_secret_is_hidden() -> None:
    """Vendors that mean well quote the first letters of a key."""
    shown = known("sk_live_4eC39HqLyjWDarjtT1zdp7dc").hidden_in("no key begins with sk_live_4eC3")
    assert shown == "no key begins with (sensitive)"


def test_a_text_without_a_secret_is_shown_as_it_is() -> None:
    """Also one that has escapes, percent signs and entities in it."""
    text = 'the value "H&M 100% \\u00fc &amp; co" is not valid: at most 20 characters'
    assert known(*CANARIES).hidden_in(text) == text


def test_ordinary_data_holds_no_secret() -> None:
    """Two thousand objects with names, mail addresses and dates, and secrets of every sort."""

    def objects() -> Iterator[object]:
        for number in range(1, 2001):
            yield dict(generated(Clock(), SUPPLIERS, number))

    for ascii_only in (True, False):
        content = json.dumps(list(objects()), ensure_ascii=ascii_only).encode()
        assert known(*CANARIES, "sandbox-kobo-key").found_in(content) is None


def test_an_answer_may_repeat_what_it_was_sent() -> None:
    """The answer to a write that sets a password may have it; any other secret may not be there."""
    secrets = known("gizli-parola-1", "gizli-parola-2")
    sent = b'{"password": "gizli-parola-1"}'
    assert secrets.found_in(b'{"id": 3, "password": "gizli-parola-1"}', sent) is None
    assert secrets.found_in(b'{"id": 3, "password": "gizli-parola-2"}', sent) == "1"
