"""A client of the language server that editors use for YAML, over its standard input and output."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

SETTINGS = {
    "validate": True,
    "hover": True,
    "completion": True,
    "schemaStore": {"enable": False},
    "kubernetesCRDStore": {"enable": False},
}
"""What an editor would ask for, without what the server would fetch from the network."""


class Place(NamedTuple):
    """A position in a text, as the protocol counts: from 0."""

    line: int
    character: int

    @classmethod
    def after(cls, text: str, mark: str) -> Place:
        """The position after the first occurrence of `mark`."""
        before = text[: text.index(mark) + len(mark)]
        return cls(before.count("\n"), len(before.rpartition("\n")[2]))


class LanguageServer:
    """A running server with a folder open in it."""

    def __init__(
        self, process: subprocess.Popen[bytes], root: Path, schemas: Mapping[str, Any]
    ) -> None:
        self._process = process
        self._root = root
        self._settings = {**SETTINGS, "schemas": dict(schemas)}
        self._last = self._version = 0
        self._diagnostics: dict[str, list[dict[str, Any]]] = {}
        folder = {"uri": root.as_uri(), "name": "workspace"}
        capabilities = {
            "workspace": {"configuration": True, "workspaceFolders": True},
            "textDocument": {
                "completion": {"completionItem": {"snippetSupport": True}},
                "hover": {"contentFormat": ["markdown"]},
            },
        }
        self.ask(
            "initialize",
            processId=None,
            rootUri=root.as_uri(),
            workspaceFolders=[folder],
            capabilities=capabilities,
        )
        self._send({"method": "initialized", "params": {}})
        changed = {"settings": {"yaml": self._settings}}
        self._send({"method": "workspace/didChangeConfiguration", "params": changed})

    def open(self, path: Path, text: str) -> list[dict[str, Any]]:
        """What the server finds wrong with a file, which has this text now."""
        uri = path.as_uri()
        self._version += 1
        document: dict[str, Any] = {"uri": uri, "version": self._version}
        if uri in self._diagnostics:
            changed = {"textDocument": document, "contentChanges": [{"text": text}]}
            self._send({"method": "textDocument/didChange", "params": changed})
        else:
            document |= {"languageId": "yaml", "text": text}
            self._send({"method": "textDocument/didOpen", "params": {"textDocument": document}})
        self._diagnostics.pop(uri, None)
        while uri not in self._diagnostics:
            self._receive()
        return self._diagnostics[uri]

    def hover(self, path: Path, place: Place) -> str:
        """What an editor shows when the pointer rests there."""
        shown = self._at("textDocument/hover", path, place)
        return str(shown["contents"]["value"]) if shown else ""

    def complete(self, path: Path, place: Place) -> dict[str, str]:
        """What may be typed there, and what is said of it."""
        shown = self._at("textDocument/completion", path, place)
        return {item["label"]: _text(item.get("documentation")) for item in shown["items"]}

    def _at(self, method: str, path: Path, place: Place) -> Any:
        return self.ask(method, textDocument={"uri": path.as_uri()}, position=place._asdict())

    def ask(self, method: str, **params: Any) -> Any:
        """The result of a request."""
        self._last += 1
        number = self._last
        self._send({"id": number, "method": method, "params": params})
        while True:
            message = self._receive()
            if message.get("id") == number and "method" not in message:
                assert "error" not in message, message
                return message["result"]

    def _receive(self) -> dict[str, Any]:
        """The next message; what the server asks is answered, what it finds is kept."""
        assert self._process.stdout is not None
        length = 0
        while line := self._process.stdout.readline().strip():
            name, _, value = line.decode().partition(":")
            length = int(value) if name.lower() == "content-length" else length
        assert length, "the language server has ended"
        message: dict[str, Any] = json.loads(self._process.stdout.read(length))
        if message.get("method") == "textDocument/publishDiagnostics":
            found = message["params"]
            self._diagnostics[found["uri"]] = found["diagnostics"]
        elif "method" in message and "id" in message:
            asked = message.get("params", {}).get("items", ())
            known = {"yaml": self._settings}
            self._send({"id": message["id"], "result": [known.get(i["section"]) for i in asked]})
        return message

    def _send(self, message: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        data = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(data), data))
        self._process.stdin.flush()


def _text(documentation: Any) -> str:
    return documentation["value"] if isinstance(documentation, dict) else documentation or ""


@contextmanager
def language_server(
    modules: Path, root: Path, schemas: Mapping[str, Any]
) -> Iterator[LanguageServer]:
    """The server from npm, with a folder open and the setting `yaml.schemas`, for as long as the
    block lasts."""
    program = modules / "yaml-language-server" / "bin" / "yaml-language-server"
    process = subprocess.Popen(
        ["node", str(program), "--stdio"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=root,
    )
    try:
        yield LanguageServer(process, root, schemas)
    finally:
        process.kill()
        process.communicate()
