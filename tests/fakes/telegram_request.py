"""A request of the Bot API: its parameters, in whichever of the four ways they came, and how it may be refused."""
import dataclasses
import json
import re
import time
import urllib.parse

MAX_BODY = 20 << 20


class Refused(Exception):
    """Answered with ok: false."""

    def __init__(self, code: int, description: str, **parameters: int):
        super().__init__(description)
        self.code, self.description, self.parameters = code, description, parameters


def bad(description: str) -> Refused:
    return Refused(400, f"Bad Request: {description}")


def not_covered(what: str) -> Refused:
    """What Telegram can and this fake cannot: loud, so that no test takes it for a refusal of Telegram's."""
    return Refused(501, f"Not Implemented: the fake knows no {what}")


@dataclasses.dataclass
class File:
    name: str
    type: str
    content: bytes


@dataclasses.dataclass
class Request:
    """`fields`: every parameter as text, what is no text as JSON. `status`: 0 until it took effect or was refused."""
    verb: str
    path: str
    method: str  # as it was written
    headers: dict[str, str]
    body: bytes = b""
    fields: dict[str, str] = dataclasses.field(default_factory=dict)
    files: dict[str, File] = dataclasses.field(default_factory=dict)
    unknown: set[str] = dataclasses.field(default_factory=set)  # parameters that Telegram would silently ignore
    time: float = dataclasses.field(default_factory=time.time)
    status: int = 0
    answer: dict | None = None

    def parse(self) -> None:
        query = urllib.parse.urlsplit(self.path).query
        self.fields.update(_form(query))
        kind, _, rest = self.headers.get("content-type", "").partition(";")
        kind = kind.strip().lower()
        if kind == "application/x-www-form-urlencoded":
            self.fields.update(_form(self.body.decode("utf-8", "surrogateescape")))
        elif kind == "application/json" and self.body:
            self.fields.update(_json(self.body))
        elif kind == "multipart/form-data":
            self._parse_parts(rest)

    def _parse_parts(self, rest: str) -> None:
        boundary = re.search(r'boundary=(?:"([^"]+)"|([^;\s]+))', rest)
        if not boundary:
            raise bad("boundary not found")
        for head, content in _parts(self.body, (boundary[1] or boundary[2]).encode()):
            name = re.search(r'(?i)^content-disposition:[^\r]*;\s*name="([^"]*)"', head, re.MULTILINE)
            if not name:
                raise bad("can't find parameter name in the part")
            file = re.search(r'(?i)^content-disposition:[^\r]*;\s*filename="([^"]*)"', head, re.MULTILINE)
            if file:
                kind = re.search(r"(?i)^content-type:\s*([^\r]*)", head, re.MULTILINE)
                self.files[name[1]] = File(file[1], kind[1] if kind else "", content)
            else:
                self.fields[name[1]] = content.decode("utf-8", "surrogateescape")

    def text(self, name: str) -> str:
        value = self.fields.get(name, "")
        try:
            value.encode()
        except UnicodeEncodeError:
            raise bad(f"{name} must be encoded in UTF-8") from None
        return value

    def flag(self, name: str) -> bool:
        return self.fields.get(name, "").strip().lower() in ("true", "yes", "1")

    def number(self, name: str, default: int = 0) -> int:
        """What is no number counts as none, as at Telegram's."""
        value = self.fields.get(name, "").strip()
        return int(value) if re.fullmatch(r"[+-]?\d{1,19}", value) else default

    def json(self, name: str, refusal: str):
        """The parameter's value, None when it was not given."""
        value = self.text(name)
        if not value:
            return None
        try:
            return json.loads(value)
        except ValueError:
            raise bad(refusal) from None

    def told(self) -> dict:
        """For a log."""
        files = {name: {"name": file.name, "type": file.type, "size": len(file.content)}
                 for name, file in self.files.items()}
        return {"time": self.time, "verb": self.verb, "method": self.method, "fields": self.fields, "files": files,
                "status": self.status, "answer": self.answer}


def _form(text: str) -> dict[str, str]:
    return dict(urllib.parse.parse_qsl(text, keep_blank_values=True, errors="surrogateescape"))


def _json(body: bytes) -> dict[str, str]:
    try:
        given = json.loads(body)
    except ValueError:
        raise bad("can't parse JSON object") from None
    if not isinstance(given, dict):
        raise bad("JSON object expected as request body")
    return {name: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            for name, value in given.items() if value is not None}


def _parts(body: bytes, boundary: bytes):
    """(head, content) of each; a body that ends before its last boundary is refused."""
    pieces = (b"\r\n" + body).split(b"\r\n--" + boundary)
    if len(pieces) < 2 or not pieces[-1].startswith(b"--"):
        raise bad("can't find the end of the multipart body")
    for piece in pieces[1:-1]:
        head, separator, content = piece.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        if not separator or not piece.startswith(b"\r\n"):
            raise bad("can't parse the multipart body")
        yield head.decode("utf-8", "surrogateescape") + "\r\n", content
