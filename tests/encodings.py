"""The ways in which a vendor may write a secret that it returns, and secrets of every sort."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Callable
from urllib.parse import quote, quote_plus

CANARIES = (
    "sk_live_4eC39HqLyjWDarjtT1zdp7dc",
    "7f3a9c52-1d8e-4b06-a9f1-3e5c7d2b8a64",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI0MiJ9.dBjftJeZ4CVP-mB92K27uhbUJU1p1r",
    "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY=",
    "5d41402abc4b2a76b9719d911017c592",
    "correct horse battery staple",
    "say \"no\" & go < home > 'now'",
    "çok gizli şifre: İstanbul'da ığüö",
    "back\\slash\\and/slash",
    "100%25 of %s and %%",
    "tab\tin the middle of it",
    "🔑 emoji 🔒 in a password",
    "gülçağı!",
    "Tr0ub4dor&3",
    "p@ss:w0rd@host",
    "905321234567",
    "<script>alert('k')</script>",
    "$2b$12$KIXQe9vJ8h0tV2yq0eF7Ou",
    "&amp;already&quot;escaped&#39;",
    "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz-1",
)


def _units(text: str) -> str:
    units = text.encode("utf-16-be")
    return "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2))


def _all_percent(text: str) -> str:
    return "".join(f"%{byte:02X}" for byte in text.encode())


def _base64(before: bytes, text: str) -> str:
    """Base64 of the secret behind other bytes, without the characters that hold any of those."""
    encoded = base64.b64encode(before + text.encode() + b"::")
    return encoded[-(-len(before) * 8 // 6) : (len(before) + len(text.encode())) * 8 // 6].decode()


SPLIT = "split"
"""Where it is too short, a secret in two parts is not recognized in the middle of other data."""

ENCODINGS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "JSON": lambda s: json.dumps(s)[1:-1],
    "JSON in UTF-8": lambda s: json.dumps(s, ensure_ascii=False)[1:-1],
    "JSON of PHP": lambda s: json.dumps(s)[1:-1].replace("/", r"\/"),
    "JSON, all escaped": lambda s: _units(s),
    "a string of C": lambda s: "".join(f"\\x{byte:02x}" for byte in s.encode()),
    "URL": lambda s: quote(s, safe=""),
    "URL in lower case": lambda s: quote(s, safe="").replace("%C", "%c").replace("%F", "%f"),
    "a form": quote_plus,
    "URL, all escaped": _all_percent,
    "URL, escaped twice": lambda s: quote(_all_percent(s), safe=""),
    "HTML": html.escape,
    "HTML of PHP": lambda s: html.escape(s).replace("&#x27;", "&#039;"),
    "HTML, decimal": lambda s: "".join(f"&#{ord(c)};" for c in s),
    "HTML, hexadecimal": lambda s: "".join(f"&#x{ord(c):x};" for c in s),
    "HTML, special ones": lambda s: "".join(c if c.isalnum() else f"&#{ord(c)};" for c in s),
    "hexadecimal": lambda s: s.encode().hex(),
    "HEXADECIMAL": lambda s: s.encode().hex().upper(),
    "hexadecimal with colons": lambda s: s.encode().hex(":"),
    "Base64": lambda s: _base64(b"", s),
    "Base64 behind one byte": lambda s: _base64(b"x", s),
    "Base64 behind two bytes": lambda s: _base64(b"u:", s),
    "Base64 of URLs": lambda s: _base64(b"user:", s).translate(str.maketrans("+/", "-_")),
    "Base64 in lines": lambda s: "\\n".join(_base64(b"", s)[i : i + 16] for i in range(0, 99, 16)),
    SPLIT: lambda s: f"{s[: len(s) // 2]} ... {s[len(s) // 2 :]}",
}
