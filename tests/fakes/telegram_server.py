#!/usr/bin/env python3
"""A Telegram of one bot on loopback, which refuses what Telegram refuses, in Telegram's words.

    with TelegramServer(chats=[42]) as telegram:
        ...  # the bot talks to telegram.url with telegram.token
        telegram.press(telegram.chat(42).messages[-1].id, "ack:7", user_id=42, name="Eunji")

As a program it prints a line of JSON for each request:  telegram_server.py --port N --token T --chat ID...
A chat's id tells what it is: positive a private chat, negative a group, below -10^12 a supergroup.
"""
import argparse
import contextlib
import dataclasses
import http.server
import itertools
import json
import re
import socket
import sys
import threading
import time
import urllib.parse
from typing import Callable

from telegram_chats import Chat, Message, Pace
from telegram_markup import plain
from telegram_methods import METHODS, UNCOVERED, too_many
from telegram_request import MAX_BODY, Refused, Request, not_covered
from telegram_updates import Updates

TOKEN = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw0"


@dataclasses.dataclass
class Fault:
    """What befalls the next `times` requests, those of `method` when it is named.

    status, body   answered instead of Telegram, nothing takes effect
    retry_after    Telegram's 429; what is sent meanwhile is refused and counted in pace.violations
    drop           "request": the connection ends before the body is read; "answer": after the effect, unanswered
    delay          seconds between the effect and the answer
    """
    method: str = ""
    times: int = 1
    status: int = 0
    body: bytes | str | dict = b""
    retry_after: int = 0
    drop: str = ""
    delay: float = 0


class TelegramServer:
    """All attributes may be read at any time, and changed under `lock`."""

    def __init__(self, token: str = TOKEN, chats=(42,), port: int = 0, clock: Callable[[], float] = time.monotonic):
        self.token = token
        self.me = {"id": int(token.partition(":")[0]), "is_bot": True, "first_name": "Bot", "username": "test_bot"}
        self.lock = threading.RLock()
        self.chats = {chat_id: Chat(chat_id) for chat_id in chats}
        self.updates = Updates(self.lock)
        self.pace = Pace(clock)
        self.requests: list[Request] = []
        self.on_answer: Callable[[Request], None] = lambda request: None
        self.message_ids = itertools.count(1)
        self.unanswered: set[str] = set()  # callback queries that the bot may still answer
        self.answers: dict[str, dict] = {}  # callback query -> what it was answered
        self.photos: dict[str, tuple[bytes, dict]] = {}
        self.commands: list[dict] = []
        self.webhook_url = ""
        self.closing = threading.Event()
        self._faults: list[Fault] = []
        self._query_ids = itertools.count(4382003000000000001)
        self._http = _HttpServer(("127.0.0.1", port), _Handler)
        self._http.telegram = self
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"
        threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True).start()

    def __enter__(self) -> "TelegramServer":
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def close(self) -> None:
        self.closing.set()
        self._http.shutdown()
        self._http.server_close()
        self._http.cut()
        with self.lock:
            self.updates.close()

    @property
    def violations(self) -> int:
        return self.pace.violations

    def chat(self, chat_id: int) -> Chat:
        return self.chats[chat_id]

    def add_chat(self, chat_id: int, title: str = "", topics=()) -> Chat:
        with self.lock:
            return self.chats.setdefault(chat_id, Chat(chat_id, title, set(topics)))

    def calls(self, method: str) -> list[Request]:
        with self.lock:
            return [request for request in self.requests if request.method.lower() == method.lower()]

    def fault(self, **what) -> Fault:
        """See Fault. Those that were asked for first befall first."""
        fault = Fault(**what)
        if isinstance(fault.body, dict):
            fault.body = json.dumps(fault.body)
        if isinstance(fault.body, str):
            fault.body = fault.body.encode()
        with self.lock:
            self._faults.append(fault)
        return fault

    def say(self, chat_id: int, user_id: int, text: str, name: str = "Somebody") -> Message:
        """A message of a user's, which the bot learns of as an update."""
        with self.lock:
            chat = self.chat(chat_id)
            shown, entities = plain(text)
            message = Message(next(self.message_ids), chat.told(), _user(user_id, name), shown, entities)
            chat.said.append(message)
            self.updates.add("message", message.told())
            return message

    def press(self, message_id: int, callback_data: str, user_id: int, name: str = "Somebody",
              forged: bool = False) -> str:
        """A button of a message is pressed; returns the callback query's id. Only a forged press needs no button."""
        with self.lock:
            message = next(filter(None, (chat.message(message_id) for chat in self.chats.values())), None)
            if not message:
                raise LookupError(f"no message {message_id}")
            if not forged and callback_data not in [button.get("callback_data") for button in message.buttons()]:
                raise LookupError(f"message {message_id} has no button {callback_data!r}")
            query = str(next(self._query_ids))
            self.unanswered.add(query)
            self.updates.add("callback_query", {
                "id": query, "from": _user(user_id, name), "message": message.told(),
                "chat_instance": str(-message.chat["id"]), "data": callback_data})
            return query

    def expire(self, query: str) -> None:
        """It can be answered no more."""
        with self.lock:
            self.unanswered.discard(query)

    def take_fault(self, method: str) -> Fault:
        with self.lock:
            for fault in self._faults:
                if fault.times > 0 and fault.method.lower() in ("", method.lower()):
                    fault.times -= 1
                    return fault
        return Fault()

    def answer(self, request: Request, token: str, fault: Fault) -> tuple[int, bytes]:
        """Does what it asks for; the status and body of the answer."""
        with self.lock:
            self.requests.append(request)
            try:
                if fault.status:
                    request.status = fault.status
                    return fault.status, fault.body
                if len(request.body) > MAX_BODY:
                    raise Refused(413, "Request Entity Too Large")
                request.parse()
                result = self._call(request, token, fault)
                request.status, request.answer = 200, {"ok": True, "result": result}
            except Refused as refused:
                request.status, request.answer = refused.code, {
                    "ok": False, "error_code": refused.code, "description": refused.description,
                    **({"parameters": refused.parameters} if refused.parameters else {})}
            return request.status, json.dumps(request.answer, separators=(",", ":")).encode()

    def _call(self, request: Request, token: str, fault: Fault):
        method = METHODS.get(request.method.lower())
        if not re.fullmatch(r"[1-9]\d*:[A-Za-z0-9_-]+", token):
            raise Refused(404, "Not Found")
        if token != self.token:
            raise Refused(401, "Unauthorized")
        if not method:
            raise Refused(404, "Not Found")
        if uncovered := request.fields.keys() & UNCOVERED:
            raise not_covered(min(uncovered))
        request.unknown = request.fields.keys() - method.parameters
        self._mind_pace(request.fields.get("chat_id", "") if method.paced() else method.name, fault)
        return method.run(self, request)

    def _mind_pace(self, who: str, fault: Fault) -> None:
        who = int(who) if re.fullmatch(r"-?\d+", who) else who
        if left := self.pace.silenced(who):
            raise too_many(left)
        if fault.retry_after:
            self.pace.silence(who, fault.retry_after)
            raise too_many(fault.retry_after)


def _user(user_id: int, name: str) -> dict:
    return {"id": user_id, "is_bot": False, "first_name": name}


class _HttpServer(http.server.ThreadingHTTPServer):
    telegram: TelegramServer
    daemon_threads = True
    request_queue_size = 100

    def __init__(self, *arguments):
        self._open: set[socket.socket] = set()
        super().__init__(*arguments)

    def process_request(self, request, client_address) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request, client_address) -> None:
        if not isinstance(sys.exc_info()[1], OSError):  # a client may go whenever it likes
            super().handle_error(request, client_address)

    def cut(self) -> None:
        """Nobody is served on a connection that outlived the server."""
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class _Handler(http.server.BaseHTTPRequestHandler):
    server: _HttpServer
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "nginx/1.18.0", ""
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        telegram = self.server.telegram
        path = urllib.parse.unquote(urllib.parse.urlsplit(self.path).path)
        place = re.fullmatch(r"/bot([^/]*)/([^/]*)/?", path)
        token, method = place.groups() if place else ("", "")
        request = Request(self.command, self.path, method, {key.lower(): value for key, value in self.headers.items()})
        fault = telegram.take_fault(method)
        if fault.drop == "request":
            self.close_connection = True
            with telegram.lock:
                telegram.requests.append(request)
            return
        request.body = self._body()
        status, body = telegram.answer(request, token, fault)
        if fault.delay:
            telegram.closing.wait(fault.delay)
        try:
            if fault.drop == "answer":
                self.close_connection = True
            else:
                self._send(status, body, request)
        finally:
            telegram.on_answer(request)

    do_POST = do_GET

    def _body(self) -> bytes:
        """One byte more than is allowed at most; half a body has no effect."""
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            body = self._chunks()
        else:
            body = self._exactly(min(int(self.headers.get("Content-Length") or 0), MAX_BODY + 1))
        if len(body) > MAX_BODY:
            self.close_connection = True  # what is left of it would be taken for the next request
        return body

    def _chunks(self) -> bytes:
        body = b""
        while len(body) <= MAX_BODY and (size := int(self.rfile.readline(100).partition(b";")[0] or b"0", 16)):
            body += self._exactly(min(size, MAX_BODY + 1))
            self.rfile.readline(100)
        while len(body) <= MAX_BODY and self.rfile.readline(1000).strip():
            pass  # what may follow the last chunk
        return body

    def _exactly(self, size: int) -> bytes:
        body = self.rfile.read(size)
        if len(body) < size:
            raise ConnectionError(f"{len(body)} of {size} bytes came")
        return body

    def _send(self, status: int, body: bytes, request: Request) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json" if body.startswith(b"{") else "text/html")
        self.send_header("Content-Length", str(len(body)))
        if wait := (request.answer or {}).get("parameters", {}).get("retry_after"):
            self.send_header("Retry-After", str(wait))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments) -> None:
        pass


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--token", default=TOKEN)
    parser.add_argument("--chat", type=int, action="append", default=[], metavar="ID")
    parser.add_argument("--pace", action="store_true", help="enforce Telegram's limits of messages a second")
    options = parser.parse_args()
    with TelegramServer(options.token, options.chat, options.port) as telegram:
        telegram.pace.enforced = options.pace
        telegram.on_answer = lambda request: print(json.dumps(request.told()), flush=True)
        print(f"{telegram.url}/bot{telegram.token}/", file=sys.stderr, flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            threading.Event().wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
