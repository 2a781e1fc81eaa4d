"""The methods of a fake Bot API: what each takes, refuses and does, in Telegram's words."""
import dataclasses
import json
import re
from typing import Callable

from telegram_attachments import keyboard, photo
from telegram_chats import Chat, Message
from telegram_markup import MAX_TEXT, MarkupError, html, plain, units
from telegram_request import Refused, Request, bad, not_covered

MAX_CAPTION = 1024  # UTF-16 code units, as MAX_TEXT
NOT_MODIFIED = ("message is not modified: specified new message content and reply markup are exactly the same as a "
                "current content and reply markup of the message")
# Telegram knows them, and to ignore them would be to agree with whatever they say.
UNCOVERED = {"entities", "caption_entities", "business_connection_id", "inline_message_id", "message_effect_id",
             "has_spoiler", "show_caption_above_media", "direct_messages_topic_id", "suggested_post_parameters",
             "allow_paid_broadcast"}
SENDING = ("chat_id message_thread_id disable_notification protect_content reply_parameters reply_to_message_id "
           "allow_sending_without_reply reply_markup ")
EDITING = "chat_id message_id reply_markup "


@dataclasses.dataclass
class Method:
    name: str
    run: Callable
    parameters: frozenset[str]

    def paced(self) -> bool:
        return self.name.startswith(("send", "edit"))


METHODS: dict[str, Method] = {}


def method(name: str, parameters: str = ""):
    def register(function):
        METHODS[name.lower()] = Method(name, function, frozenset(parameters.split()))
        return function
    return register


@method("getMe")
def get_me(server, request: Request) -> dict:
    return server.me | {"can_join_groups": True, "can_read_all_group_messages": False,
                        "supports_inline_queries": False, "can_connect_to_business": False, "has_main_web_app": False}


@method("getChat", "chat_id")
def get_chat(server, request: Request) -> dict:
    return _chat(server, request).told() | {
        "accent_color_id": 0, "max_reaction_count": 11, "accepted_gift_types": dict.fromkeys(
            ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels"), True)}


@method("sendMessage", SENDING + "text parse_mode link_preview_options disable_web_page_preview")
def send_message(server, request: Request) -> dict:
    text, entities = _written(request)
    chat, message = _draft(server, request)
    _check_length(text, MAX_TEXT, "message is too long")
    message.text, message.entities, message.preview = text, entities, _preview(request)
    return _publish(server, chat, message)


@method("sendPhoto", SENDING + "photo caption parse_mode")
def send_photo(server, request: Request) -> dict:
    caption, entities = _formatted(request, "caption")
    image, size = photo(server.photos, request)
    chat, message = _draft(server, request)
    _check_length(caption, MAX_CAPTION, "message caption is too long")
    message.text, message.entities, message.photo, message.photo_sizes = caption, entities, image, [size]
    return _publish(server, chat, message)


@method("editMessageText", EDITING + "text parse_mode link_preview_options disable_web_page_preview")
def edit_text(server, request: Request) -> dict:
    text, entities = _written(request)
    markup = keyboard(request, edit=True)
    chat, message = _edited(server, request)
    if message.photo_sizes:
        raise bad("there is no text in the message to edit")
    _check_length(text, MAX_TEXT, "message is too long")
    told = _change(server, chat, message, text, entities, markup)
    message.preview = _preview(request)
    return told


@method("editMessageCaption", EDITING + "caption parse_mode")
def edit_caption(server, request: Request) -> dict:
    caption, entities = _formatted(request, "caption")
    markup = keyboard(request, edit=True)
    chat, message = _edited(server, request)
    if not message.photo_sizes:
        raise bad("there is no caption in the message to edit")
    _check_length(caption, MAX_CAPTION, "message caption is too long")
    return _change(server, chat, message, caption, entities, markup)


@method("editMessageReplyMarkup", EDITING)
def edit_markup(server, request: Request) -> dict:
    markup = keyboard(request, edit=True)
    chat, message = _edited(server, request)
    return _change(server, chat, message, message.text, message.entities, markup)


@method("answerCallbackQuery", "callback_query_id text show_alert url cache_time")
def answer_callback_query(server, request: Request) -> bool:
    if units(request.text("text")) > 200:
        raise bad("MESSAGE_TOO_LONG")
    query = request.text("callback_query_id")
    if query not in server.unanswered:
        raise bad("query is too old and response timeout expired or query ID is invalid")
    server.unanswered.remove(query)
    server.answers[query] = {"text": request.text("text"), "show_alert": request.flag("show_alert")}
    return True


@method("getUpdates", "offset limit timeout allowed_updates")
def get_updates(server, request: Request) -> list[dict]:
    if server.webhook_url:
        raise Refused(409, "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete "
                           "the webhook first")
    try:
        allowed = json.loads(request.text("allowed_updates") or "null")
    except ValueError:
        allowed = None
    if not isinstance(allowed, list) or not all(isinstance(kind, str) for kind in allowed):
        allowed = None
    return server.updates.poll(request.number("offset"), request.number("limit", 100), request.number("timeout"),
                               allowed)


@method("deleteWebhook", "drop_pending_updates")
def delete_webhook(server, request: Request) -> bool:
    server.webhook_url = ""
    if request.flag("drop_pending_updates"):
        server.updates.pending.clear()
    return True


@method("getWebhookInfo")
def get_webhook_info(server, request: Request) -> dict:
    return {"url": server.webhook_url, "has_custom_certificate": False,
            "pending_update_count": len(server.updates.pending)}


@method("setMyCommands", "commands scope language_code")
def set_my_commands(server, request: Request) -> bool:
    commands = request.json("commands", "can't parse commands JSON object")
    if not isinstance(commands, list):
        raise bad("expected an Array of BotCommand")
    if len(commands) > 100:
        raise bad("BOT_COMMANDS_TOO_MUCH")
    for command in commands:
        if not isinstance(command, dict) or not {"command", "description"} <= command.keys():
            raise bad("can't parse BotCommand: expected an Object with the fields \"command\" and \"description\"")
        if not re.fullmatch(r"/?[a-z0-9_]{1,32}", str(command["command"])):
            raise bad("BOT_COMMAND_INVALID")
        if not 1 <= units(str(command["description"])) <= 256:
            raise bad("BOT_COMMAND_DESCRIPTION_INVALID")
    server.commands = commands
    return True


def _chat(server, request: Request) -> Chat:
    given = request.text("chat_id").strip()
    if not given:
        raise bad("chat_id is empty")
    chat = server.chats.get(request.number("chat_id"))
    if not chat:
        raise bad("chat not found")
    return chat


def _open_chat(server, request: Request) -> Chat:
    """One in which the bot may write."""
    chat = _chat(server, request)
    if chat.migrated_to:
        raise Refused(400, "Bad Request: group chat was upgraded to a supergroup chat",
                      migrate_to_chat_id=chat.migrated_to)
    if chat.blocked:
        raise Refused(403, "Forbidden: bot was blocked by the user")
    if chat.kicked:
        raise Refused(403, f"Forbidden: bot was kicked from the {chat.type} chat")
    return chat


def _formatted(request: Request, name: str) -> tuple[str, list[dict]]:
    mode = request.text("parse_mode").strip().lower()
    if mode in ("markdown", "markdownv2"):
        raise not_covered(mode)
    if mode not in ("", "html"):
        raise bad("unsupported parse_mode")
    try:
        return html(request.text(name)) if mode else plain(request.text(name))
    except MarkupError as error:
        raise bad(f"can't parse entities: {error}") from None


def _written(request: Request) -> tuple[str, list[dict]]:
    if not request.text("text"):
        raise bad("message text is empty")
    text, entities = _formatted(request, "text")
    if not text:
        raise bad("text must be non-empty")
    return text, entities


def _check_length(text: str, most: int, refusal: str) -> None:
    if units(text) > most:
        raise bad(refusal)


def _preview(request: Request) -> dict | None:
    options = request.json("link_preview_options", "can't parse link preview options JSON object")
    if options is not None and not isinstance(options, dict):
        raise bad("object expected as link preview options")
    return options or ({"is_disabled": True} if request.flag("disable_web_page_preview") else None)


def _draft(server, request: Request) -> tuple[Chat, Message]:
    """The message of a request, without its content and not in its chat yet."""
    markup = keyboard(request)
    chat = _open_chat(server, request)
    thread = request.number("message_thread_id") or None
    if thread and thread not in chat.topics:
        raise bad("message thread not found")
    return chat, Message(id=0, chat=chat.told(), sender=server.me, text="", entities=[], markup=markup, thread=thread,
                         silent=request.flag("disable_notification"), protected=request.flag("protect_content"),
                         reply_to=_replied(request, chat))


def _replied(request: Request, chat: Chat) -> Message | None:
    given = request.json("reply_parameters", "can't parse reply parameters JSON object")
    if given is None:
        wanted, lenient = request.number("reply_to_message_id"), request.flag("allow_sending_without_reply")
    elif not isinstance(given, dict):
        raise bad("object expected as reply parameters")
    elif unknown := given.keys() - {"message_id", "allow_sending_without_reply"}:
        raise not_covered(f"reply parameter {min(unknown)}")
    else:
        wanted, lenient = given.get("message_id", 0), given.get("allow_sending_without_reply", False)
    message = chat.message(wanted) if wanted else None
    if wanted and not message and not lenient:
        raise bad("message to be replied not found")
    return message


def _publish(server, chat: Chat, message: Message) -> dict:
    _keep_pace(server, chat)
    message.id = next(server.message_ids)
    chat.messages.append(message)
    return message.told()


def _keep_pace(server, chat: Chat) -> None:
    if wait := server.pace.over(chat):
        raise too_many(wait)


def too_many(wait: int) -> Refused:
    return Refused(429, f"Too Many Requests: retry after {wait}", retry_after=wait)


def _edited(server, request: Request) -> tuple[Chat, Message]:
    chat = _open_chat(server, request)
    if request.number("message_id") <= 0:
        raise bad("message identifier is not specified")
    message = chat.message(request.number("message_id"))
    if not message:
        raise bad("message to edit not found")
    if message.sender != server.me:
        raise bad("message can't be edited")
    return chat, message


def _change(server, chat: Chat, message: Message, text: str, entities: list[dict], markup: dict | None) -> dict:
    _keep_pace(server, chat)
    if not message.change(text, entities, markup):
        raise bad(NOT_MODIFIED)
    return message.told()
