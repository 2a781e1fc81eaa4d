"""The chats of a fake Telegram and what they show, and the pace at which a bot may send to them."""
import collections
import dataclasses
import math
import time
from typing import Callable

GROUPS = ("group", "supergroup")


@dataclasses.dataclass
class Version:
    """What a message was before an edit."""
    text: str
    entities: list[dict]
    markup: dict | None


@dataclasses.dataclass
class Message:
    """`text` and `entities` are a photo's caption too. `edits`: the versions before, the oldest first."""
    id: int
    chat: dict
    sender: dict
    text: str
    entities: list[dict]
    markup: dict | None = None
    silent: bool = False
    protected: bool = False
    reply_to: "Message | None" = None
    thread: int | None = None
    preview: dict | None = None
    photo: bytes | None = None
    photo_sizes: list[dict] = dataclasses.field(default_factory=list)
    date: int = dataclasses.field(default_factory=lambda: int(time.time()))
    edit_date: int = 0
    edits: list[Version] = dataclasses.field(default_factory=list)

    def change(self, text: str, entities: list[dict], markup: dict | None) -> bool:
        """False when it is that already."""
        before = Version(self.text, self.entities, self.markup)
        if before == Version(text, entities, markup):
            return False
        self.edits.append(before)
        self.text, self.entities, self.markup = text, entities, markup
        self.edit_date = int(time.time())
        return True

    def entity_texts(self, *types: str) -> list[str]:
        """What lies under the entities of these types."""
        raw = self.text.encode("utf-16-le")
        return [raw[2 * each["offset"]:2 * (each["offset"] + each["length"])].decode("utf-16-le")
                for each in self.entities if each["type"] in types]

    def buttons(self) -> list[dict]:
        return [button for row in (self.markup or {}).get("inline_keyboard", []) for button in row]

    def told(self) -> dict:
        """As the Bot API tells it."""
        told = {"message_id": self.id, "from": self.sender, "chat": self.chat, "date": self.date}
        text, entities = ("caption", "caption_entities") if self.photo_sizes else ("text", "entities")
        optional = {
            "edit_date": self.edit_date, "photo": self.photo_sizes, text: self.text, entities: self.entities,
            "message_thread_id": self.thread, "is_topic_message": self.thread is not None,
            "has_protected_content": self.protected, "link_preview_options": self.preview,
            "reply_markup": self.markup,
            "reply_to_message": dataclasses.replace(self.reply_to, reply_to=None).told() if self.reply_to else None}
        return told | {name: value for name, value in optional.items() if value}


@dataclasses.dataclass
class Chat:
    """Its id tells its type, as Telegram's do. The marks below may be set at any time."""
    id: int
    title: str = ""
    topics: set[int] = dataclasses.field(default_factory=set)
    blocked: bool = False
    kicked: bool = False
    migrated_to: int = 0
    messages: list[Message] = dataclasses.field(default_factory=list)  # of the bot
    said: list[Message] = dataclasses.field(default_factory=list)  # of others

    @property
    def type(self) -> str:
        return "private" if self.id > 0 else "supergroup" if self.id < -1_000_000_000_000 else "group"

    def message(self, message_id: int) -> Message | None:
        return next((each for each in self.messages + self.said if each.id == message_id), None)

    def told(self) -> dict:
        name = {"first_name": self.title or "Somebody"} if self.type == "private" else {"title": self.title or "Group"}
        return {"id": self.id, "type": self.type, **name, **({"is_forum": True} if self.topics else {})}


class Window:
    """`count` messages in any `seconds`."""

    def __init__(self, count: int, seconds: float):
        self._seconds = seconds
        self._sent = collections.deque([-math.inf] * count, count)

    def wait(self, now: float) -> float:
        """Seconds until the next one may be sent."""
        return max(0.0, self._sent[0] + self._seconds - now)

    def send(self, now: float) -> None:
        self._sent.append(now)


class Pace:
    """Telegram's limits for a bot, and who sent though told to wait. Off until `enforced`; told waits count always."""

    def __init__(self, clock: Callable[[], float]):
        self.enforced = False
        self.violations = 0
        self._clock = clock
        self._everywhere = Window(30, 1)
        self._chats: dict[int, list[Window]] = {}
        self._silenced: dict[object, float] = {}

    def silence(self, key: object, seconds: float) -> None:
        self._silenced[key] = self._clock() + seconds

    def silenced(self, key: object) -> int:
        """Whole seconds that are left of a wait; to ask within one is a violation."""
        left = self._silenced.get(key, -math.inf) - self._clock()
        if left <= 0:
            return 0
        self.violations += 1
        return math.ceil(left)

    def over(self, chat: Chat) -> int:
        """Whole seconds to wait when this message is too many, else 0."""
        if not self.enforced:
            return 0
        windows = [self._everywhere] + self._chats.setdefault(
            chat.id, [Window(3, 3)] + ([Window(20, 60)] if chat.type in GROUPS else []))
        now = self._clock()
        wait = math.ceil(max(window.wait(now) for window in windows))
        if wait > 0:
            self.silence(chat.id, wait)
            return wait
        for window in windows:
            window.send(now)
        return 0
