"""The fake Telegram of tests/fakes is held to a client of the real one, and to the real one's rules."""
import asyncio
import datetime
import json
import logging
import os
import socket
import struct
import sys
import time
import unittest
import zlib

from processes import eventually, post, tool
from telegram_server import TelegramServer

CHAT, GROUP, FORUM = 42, -77, -1001234567890
FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"  # one picture, eight code units


def png(width: int = 8, height: int = 8) -> bytes:
    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
    rows = zlib.compress((b"\0" + b"\x80" * width) * height)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)) +
            chunk(b"IDAT", rows) + chunk(b"IEND", b""))


class RealClientTest(unittest.IsolatedAsyncioTestCase):
    """python-telegram-bot, as it comes from PyPI, takes the fake for Telegram."""

    @classmethod
    def setUpClass(cls) -> None:
        folder = tool("pypi", "python-telegram-bot")
        sys.path.insert(0, folder)  # before other versions of what it needs
        os.environ["PTB_TIMEDELTA"] = "1"  # else it warns that waits will be timedeltas one day
        logging.disable(logging.CRITICAL)
        cls.addClassCleanup(logging.disable, logging.NOTSET)

    async def asyncSetUp(self) -> None:
        import telegram.error
        self.library = telegram
        self.server = self.enterContext(TelegramServer(chats=[CHAT, GROUP, FORUM]))
        self.bot = await self.client()

    async def client(self, token: str = ""):
        import telegram.request
        patient = {"read_timeout": 10, "httpx_kwargs": {"trust_env": False}}
        bot = telegram.Bot(token or self.server.token, base_url=f"{self.server.url}/bot",
                           request=telegram.request.HTTPXRequest(**patient),
                           get_updates_request=telegram.request.HTTPXRequest(**patient))
        return await self.enterAsyncContext(bot)

    def keyboard(self, *data: str):
        buttons = [self.library.InlineKeyboardButton(f"button {each}", callback_data=each) for each in data]
        return self.library.InlineKeyboardMarkup([buttons])

    async def test_who_it_is_and_what_it_knows(self) -> None:
        me = await self.bot.get_me()
        self.assertEqual((me.id, me.is_bot, me.username), (110201543, True, "test_bot"))
        self.assertEqual((await self.bot.get_chat(FORUM)).type, "supergroup")
        self.assertEqual((await self.bot.get_webhook_info()).url, "")
        self.assertTrue(await self.bot.delete_webhook(drop_pending_updates=True))
        self.assertTrue(await self.bot.set_my_commands([("status", "how it is")]))
        self.assertEqual(self.server.commands, [{"command": "status", "description": "how it is"}])

    async def test_a_message_an_edit_and_a_reply(self) -> None:
        sent = await self.bot.send_message(CHAT, "<b>이상 😀</b> &lt;nas&gt;", parse_mode="HTML",
                                           disable_notification=True, reply_markup=self.keyboard("ack:1"))
        self.assertEqual((sent.text, sent.parse_entities()), ("이상 😀 <nas>", {sent.entities[0]: "이상 😀"}))
        edited = await sent.edit_text("<i>끝</i>", parse_mode="HTML")
        self.assertEqual((edited.text, edited.entities[0].type, edited.reply_markup), ("끝", "italic", None))
        self.assertIsNotNone(edited.edit_date)
        to = self.library.ReplyParameters(sent.message_id)
        reply = await self.bot.send_message(CHAT, "gone", reply_parameters=to)
        self.assertEqual(reply.reply_to_message.message_id, sent.message_id)
        shown = self.server.chat(CHAT).messages[0]
        self.assertEqual((shown.text, shown.silent, shown.edits[0].text), ("끝", True, "이상 😀 <nas>"))
        self.assertEqual(shown.edits[0].markup, {"inline_keyboard": [[{"text": "button ack:1",
                                                                       "callback_data": "ack:1"}]]})

    async def test_a_photo(self) -> None:
        sent = await self.bot.send_photo(CHAT, png(30, 20), caption="<code>cpu</code>", parse_mode="HTML")
        self.assertEqual((sent.photo[0].width, sent.photo[0].height, sent.caption), (30, 20, "cpu"))
        self.assertEqual(self.server.chat(CHAT).messages[0].photo, png(30, 20))
        self.assertEqual((await sent.edit_caption("memory")).caption, "memory")
        again = await self.bot.send_photo(CHAT, sent.photo[0].file_id)
        self.assertEqual(again.photo[0].file_unique_id, sent.photo[0].file_unique_id)
        with self.assertRaisesRegex(self.library.error.BadRequest, "^There is no text in the message to edit$"):
            await sent.edit_text("x")

    async def test_a_button_is_pressed_and_answered_once(self) -> None:
        sent = await self.bot.send_message(CHAT, "x", reply_markup=self.keyboard("ack:1", "mute:1"))
        self.server.press(sent.message_id, "mute:1", user_id=7, name="은지")
        with self.assertRaises(LookupError):
            self.server.press(sent.message_id, "mute:2", user_id=7)
        update, = await self.bot.get_updates()
        pressed = update.callback_query
        self.assertEqual((pressed.data, pressed.from_user.id, pressed.from_user.first_name, pressed.message.message_id),
                         ("mute:1", 7, "은지", sent.message_id))
        self.assertTrue(await pressed.answer("muted", show_alert=True))
        self.assertEqual(self.server.answers[pressed.id], {"text": "muted", "show_alert": True})
        with self.assertRaisesRegex(self.library.error.BadRequest, "^Query is too old and response timeout expired"):
            await pressed.answer()
        edited = await sent.edit_reply_markup(self.keyboard("mute:1"))
        self.assertEqual(len(edited.reply_markup.inline_keyboard[0]), 1)
        self.assertEqual(await self.bot.get_updates(offset=update.update_id + 1), ())

    async def test_a_poll_waits_for_what_is_said(self) -> None:
        begun = time.monotonic()
        self.assertEqual(await self.bot.get_updates(timeout=1), ())
        self.assertGreater(time.monotonic() - begun, 0.9)
        waiting = asyncio.create_task(self.bot.get_updates(timeout=10))
        await asyncio.to_thread(eventually, "a poll", lambda: len(self.server.calls("getUpdates")) == 2, 5, 0.01)
        self.server.say(GROUP, 7, "/status@test_bot now", "은지")
        update, = await asyncio.wait_for(waiting, 3)
        self.assertEqual(update.message.chat.id, GROUP)
        self.assertEqual(list(update.message.parse_entities().values()), ["/status@test_bot"])

    async def test_the_later_poll_ends_the_earlier(self) -> None:
        waiting = asyncio.create_task(self.bot.get_updates(timeout=10))
        await asyncio.to_thread(eventually, "a poll", lambda: self.server.calls("getUpdates"), 5, 0.01)
        self.assertEqual(await (await self.client()).get_updates(), ())
        with self.assertRaisesRegex(self.library.error.Conflict, "^Conflict: terminated by other getUpdates request; "
                                                                 "make sure that only one bot instance is running$"):
            await asyncio.wait_for(waiting, 3)

    async def test_refusals_of_a_text(self) -> None:
        refused = self.library.error.BadRequest
        with self.assertRaisesRegex(refused, '^Can\'t parse entities: unsupported start tag "x" at byte offset 0$'):
            await self.bot.send_message(CHAT, "<x>", parse_mode="HTML")
        with self.assertRaisesRegex(refused, "^Message is too long$"):
            await self.bot.send_message(CHAT, "x" * 4097)
        sent = await self.bot.send_message(CHAT, "x", reply_markup=self.keyboard("a"))
        with self.assertRaisesRegex(refused, "^Message is not modified: specified new message content and reply markup "
                                             "are exactly the same as a current content and reply markup"):
            await sent.edit_text("<b></b>x", parse_mode="HTML", reply_markup=self.keyboard("a"))
        with self.assertRaisesRegex(refused, "^Chat not found$"):
            await self.bot.send_message(43, "x")

    async def test_refusals_of_a_chat(self) -> None:
        self.server.chat(CHAT).blocked = True
        with self.assertRaisesRegex(self.library.error.Forbidden, "^Forbidden: bot was blocked by the user$"):
            await self.bot.send_message(CHAT, "x")
        self.server.chat(GROUP).kicked = True
        with self.assertRaisesRegex(self.library.error.Forbidden, "^Forbidden: bot was kicked from the group chat$"):
            await self.bot.send_message(GROUP, "x")
        self.server.chat(GROUP).migrated_to = FORUM
        with self.assertRaises(self.library.error.ChatMigrated) as migrated:
            await self.bot.send_message(GROUP, "x")
        self.assertEqual(migrated.exception.new_chat_id, FORUM)
        with self.assertRaises(self.library.error.InvalidToken):
            await self.client("110201543:another")

    async def test_a_wait_is_told_and_minded(self) -> None:
        self.server.fault(method="sendMessage", retry_after=1)
        for violations in (0, 1):
            with self.assertRaises(self.library.error.RetryAfter) as told:
                await self.bot.send_message(CHAT, "x")
            self.assertEqual(told.exception.retry_after, datetime.timedelta(seconds=1))
            self.assertEqual(self.server.violations, violations)
        await self.bot.send_message(GROUP, "x")
        await asyncio.sleep(1)
        await self.bot.send_message(CHAT, "x")
        self.assertEqual(self.server.violations, 1)

    async def test_faults_of_the_network(self) -> None:
        self.server.fault(delay=2)
        with self.assertRaises(self.library.error.TimedOut):
            await self.bot.send_message(CHAT, "late", read_timeout=0.3)
        for what, error in (({"drop": "request"}, "Unknown error|ReadError|RemoteProtocolError"),
                            ({"drop": "answer"}, "RemoteProtocolError"),
                            ({"status": 502, "body": "<html>Bad Gateway</html>"}, "Bad Gateway"),
                            ({"status": 200, "body": "<html>"}, "Invalid server response")):
            self.server.fault(method="sendMessage", **what)
            with self.assertRaisesRegex(self.library.error.TelegramError, error):
                await self.bot.send_message(CHAT, str(what))
        self.assertEqual([message.text for message in self.server.chat(CHAT).messages], ["late", "{'drop': 'answer'}"])
        self.assertEqual(len(self.server.calls("sendMessage")), 5)


class RulesTest(unittest.TestCase):
    """What a client that is less careful would find out from Telegram only."""

    def setUp(self) -> None:
        self.now = 1000.0
        self.server = self.enterContext(TelegramServer(chats=[CHAT, GROUP, FORUM], clock=lambda: self.now))

    def call(self, method: str, **fields) -> tuple[int, dict]:
        return post(f"{self.server.url}/bot{self.server.token}/{method}", json.dumps(fields))

    def send(self, text: str, **fields) -> dict:
        status, answer = self.call("sendMessage", **{"chat_id": CHAT, "text": text, "parse_mode": "HTML", **fields})
        self.assertEqual(status, 200, answer)
        return answer["result"]

    def refused(self, method: str = "sendMessage", **fields) -> str:
        """What is said of the same that alone would be accepted."""
        status, answer = self.call(method, **{"chat_id": CHAT, "text": "x", "parse_mode": "HTML", **fields})
        self.assertEqual((answer["ok"], answer.get("error_code")), (False, status), answer)
        return answer["description"]

    def entities(self, text: str, **fields) -> list[tuple]:
        told = self.send(text, **fields).get("entities", [])
        return [(each["type"], each["offset"], each["length"]) for each in told]

    def links(self, text: str) -> list[str]:
        """The stretches of a text that anybody could tap on."""
        self.send(text)
        return self.server.chat(CHAT).messages[-1].entity_texts(
            "url", "mention", "bot_command", "hashtag", "cashtag", "email", "text_link", "text_mention")

    def test_offsets_are_utf16(self) -> None:
        self.assertEqual(self.entities("한<b>글</b>"), [("bold", 1, 1)])
        self.assertEqual(self.entities("😀<b>글</b>"), [("bold", 2, 1)])
        self.assertEqual(self.entities(f"<b>{FAMILY}</b>&#x1F600;<i>a</i>"), [("bold", 0, 8), ("italic", 10, 1)])

    def test_length_is_of_what_is_shown_in_utf16(self) -> None:
        self.send("<b>" + "&lt;" * 4096 + "</b>")
        self.send("한" * 4096)
        self.send("😀" * 2048)
        for text in ("&amp;" * 4097, "한" * 4097, "😀" * 2048 + "x"):
            self.assertEqual(self.refused(text=text), "Bad Request: message is too long")

    def test_empty(self) -> None:
        self.assertEqual(self.refused(text=""), "Bad Request: message text is empty")
        for text in (" \n ", "<b> </b>", "\t\r"):
            self.assertEqual(self.refused(text=text), "Bad Request: text must be non-empty")

    def test_spaces_around_a_text_go(self) -> None:
        told = self.send("\n <b> x</b> \n ")
        self.assertEqual((told["text"], told["entities"]), ("x", [{"offset": 0, "length": 1, "type": "bold"}]))

    def test_characters_that_telegram_takes_away(self) -> None:
        self.assertEqual(self.send("a\tb\r\nc\u202ed\x07e<b>f</b>")["text"], "a b\ncd ef")

    def test_tags(self) -> None:
        for tag, kind in (("b", "bold"), ("strong", "bold"), ("i", "italic"), ("em", "italic"), ("u", "underline"),
                          ("ins", "underline"), ("s", "strikethrough"), ("strike", "strikethrough"),
                          ("del", "strikethrough"), ("tg-spoiler", "spoiler"), ("code", "code"), ("pre", "pre"),
                          ("blockquote", "blockquote"), ("B", "bold")):
            self.assertEqual(self.entities(f"<{tag}>x</{tag}>"), [(kind, 0, 1)])
        self.assertEqual(self.entities('<span class="tg-spoiler">x</span>'), [("spoiler", 0, 1)])
        self.assertEqual(self.entities("<blockquote expandable>x</blockquote>"), [("expandable_blockquote", 0, 1)])
        self.assertEqual(self.entities('<tg-emoji emoji-id="5368324170671202286">👍</tg-emoji>'),
                         [("custom_emoji", 0, 2)])
        self.assertEqual(self.send('<pre><code class="language-sql">x</code></pre>')["entities"],
                         [{"offset": 0, "length": 1, "type": "pre", "language": "sql"}])

    def test_markup_that_is_refused(self) -> None:
        for text, reason in (
                ("한<br>", 'Unsupported start tag "br" at byte offset 3'),
                ("a < b", 'Unsupported start tag "" at byte offset 2'),
                ("<b>x", 'Can\'t find end tag corresponding to start tag "b"'),
                ("<b><i>x</b></i>", 'Unmatched end tag at byte offset 7, expected "</i>", found "</b>"'),
                ("x</b>", "Unexpected end tag at byte offset 1"),
                ("😀<b", "Unclosed start tag at byte offset 4"),
                ("<b>x</b", "Unclosed end tag at byte offset 4"),
                ("<b x>", 'Expected equal sign in declaration of an attribute of the tag "b" at byte offset 0'),
                ("<a href=x_>", "Unexpected end of name token at byte offset 8"),
                ('<a href="x>', "Unclosed start tag at byte offset 0"),
                ("<a =x>", 'Empty attribute name in the tag "a" at byte offset 0'),
                ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
                ("<tg-emoji>x</tg-emoji>", "Invalid custom emoji identifier specified"),
                ("&#xd83d;", "Text contains invalid Unicode characters after decoding HTML entities, check for "
                             "unmatched surrogate code units")):
            self.assertEqual(self.refused(text=text), f"Bad Request: can't parse entities: {reason}")
        self.assertEqual(self.refused(parse_mode="html5"), "Bad Request: unsupported parse_mode")

    def test_references(self) -> None:
        self.assertEqual(self.send("&lt;&gt;&amp;&quot;&#65;&#x41;&lt")["text"], '<>&"AA<')
        self.assertEqual(self.send("&nbsp; &apos; & &#0; &#x110000;")["text"], "&nbsp; &apos; & &#0; &#x110000;")

    def test_nesting(self) -> None:
        self.assertEqual(self.entities("<b>a<i>b</i>c</b>"), [("bold", 0, 1), ("bold", 1, 2), ("italic", 1, 1)])
        self.assertEqual(self.entities("<b>a<code>b</code>c</b>"), [("bold", 0, 1), ("code", 1, 1), ("bold", 2, 1)])
        self.assertEqual(self.entities("<code>a<b>b</b></code>"), [("code", 0, 2)])
        self.assertEqual(self.entities('<a href="http://a.io"><code>x</code></a>'), [("code", 0, 1)])
        self.assertEqual(self.entities("<blockquote>a <code>b</code></blockquote>"),
                         [("blockquote", 0, 3), ("code", 2, 1)])

    def test_links_that_are_written(self) -> None:
        entity, = self.send('<a href="HTTP://Nas.Example.com?a=1&amp;b=2">x</a>')["entities"]
        self.assertEqual((entity["type"], entity["url"]), ("text_link", "http://nas.example.com/?a=1&b=2"))
        self.assertEqual(self.entities('<a href="tg://user?id=7">x</a>'), [("text_mention", 0, 1)])
        for address in ("http://nas:9100/", "javascript:alert(1)", "ftp://a.com", "/path", ""):
            self.assertEqual(self.entities(f'<a href="{address}">x</a>'), [], address)

    def test_links_that_are_found(self) -> None:
        for text, found in (
                ("@admin, @gif @abc x@admin", ["@admin", "@gif"]), ("/stop, /a/b x/y <b>/c</b>", ["/stop", "/c"]),
                ("#cpu #1 a#b #한글#", ["#cpu"]), ("$HOME $home $TOOLONGNAME", ["$HOME"]),
                ("see evil.com, 10.0.0.1. 1.2.3 v1.25 access.log backup.sh", ["evil.com", "10.0.0.1", "backup.sh"]),
                ("(http://a.lan/b_(c)) http://nas:1/ ssh://evil.com xhttps://evil.com",
                 ["http://a.lan/b_(c)", "https://evil.com"]),
                ("root@evil.com mailto:a@b.de @evil.com", ["root@evil.com", "a@b.de", "@evil"]),
                ("tg://resolve?domain=x 삼성.한국/길?x=1!", ["tg://resolve?domain=x", "삼성.한국/길?x=1"]),
                ("http://a.io/@admin#x", ["http://a.io/@admin#x"]),
                ("evil.com:80? evil.com:99999 tg://a?", ["evil.com:80", "evil.com", "tg://a"])):
            self.assertEqual(self.links(text), found)

    def test_code_makes_no_links(self) -> None:
        self.assertEqual(self.links("<code>@admin evil.com</code> <pre>/stop http://evil.com #x a@b.com</pre>"), [])
        self.assertEqual(self.links("<code>evil</code>.com @<code>admin</code> e<b>vil.c</b>om"), ["evil.com"])

    def test_only_a_hundred_entities(self) -> None:
        self.assertEqual(len(self.entities("<code>a</code> " * 100 + "<b>b</b>")), 100)
        self.assertEqual(self.links("<code>@admin</code> " * 101), ["@admin"])

    def test_buttons(self) -> None:
        def markup(**button) -> dict:
            return {"reply_markup": {"inline_keyboard": [[{"text": "x", **button}]]}}
        self.send("x", **markup(callback_data="한" * 21 + "x"))
        self.send("x", **markup(url="http://10.0.0.1:9100"))
        self.assertEqual(self.server.chat(CHAT).messages[-1].buttons(),
                         [{"text": "x", "url": "http://10.0.0.1:9100/"}])
        for data in ("한" * 21 + "xx", "x" * 65, ""):
            self.assertEqual(self.refused(**markup(callback_data=data)), "Bad Request: BUTTON_DATA_INVALID")
        for address, reason in (("http://nas:9100/", "Wrong HTTP URL"), ("ftp://a.com", "Unsupported URL protocol"),
                                ("x", "Wrong HTTP URL")):
            self.assertEqual(self.refused(**markup(url=address)),
                             f"Bad Request: inline keyboard button URL '{address}' is invalid: {reason}")
        self.assertEqual(self.refused(**markup()), "Bad Request: can't parse inline keyboard button: Text buttons are "
                                                   "unallowed in the inline keyboard")
        rows = [[{"text": "x", "callback_data": "y"}] * 4] * 25
        self.send("x", reply_markup={"inline_keyboard": rows})
        self.assertEqual(self.refused(reply_markup={"inline_keyboard": rows + [rows[0][:1]]}),
                         "Bad Request: reply markup is too long")
        self.assertEqual(self.refused(reply_markup="{"), "Bad Request: can't parse reply keyboard markup JSON object")

    def test_edits(self) -> None:
        mine = self.send("<b>x</b>", reply_markup={"inline_keyboard": [[{"text": "a", "callback_data": "b"}]]})
        for message_id, reason in ((999, "message to edit not found"), (0, "message identifier is not specified"),
                                   (self.server.say(CHAT, 7, "z").id, "message can't be edited")):
            self.assertEqual(self.refused("editMessageText", message_id=message_id), f"Bad Request: {reason}")
        edit = {"message_id": mine["message_id"], "reply_markup": mine["reply_markup"]}
        self.assertIn("message is not modified", self.refused("editMessageText", text="<strong>x</strong>", **edit))
        self.assertIn("message is not modified", self.refused("editMessageReplyMarkup", **edit))
        del edit["reply_markup"]
        status, answer = self.call("editMessageText", chat_id=CHAT, text="x", **edit)
        self.assertEqual(status, 200)
        self.assertFalse({"reply_markup", "entities"} & answer["result"].keys())
        self.assertEqual(self.refused("editMessageCaption", caption="x", **edit),
                         "Bad Request: there is no caption in the message to edit")

    def test_replies_and_topics(self) -> None:
        lost = {"reply_parameters": {"message_id": 999}}
        self.assertEqual(self.refused(**lost), "Bad Request: message to be replied not found")
        self.assertEqual(self.refused(reply_to_message_id=999), "Bad Request: message to be replied not found")
        lost["reply_parameters"]["allow_sending_without_reply"] = True
        self.assertNotIn("reply_to_message", self.send("x", **lost))
        self.server.chat(FORUM).topics.add(5)
        self.assertEqual(self.send("x", chat_id=FORUM, message_thread_id=5)["message_thread_id"], 5)
        self.assertEqual(self.refused(chat_id=FORUM, message_thread_id=6), "Bad Request: message thread not found")

    def test_captions_and_photos(self) -> None:
        def photo(content: bytes, caption: str = "") -> str:
            fields = {"chat_id": str(CHAT), "caption": caption}
            return self.multipart("sendPhoto", fields, content).get("description", "")
        self.assertEqual(photo(png(), "😀" * 512), "")
        self.assertEqual(photo(png(), "😀" * 512 + "x"), "Bad Request: message caption is too long")
        self.assertEqual(photo(png()[:-1]), "Bad Request: IMAGE_PROCESS_FAILED")
        self.assertEqual(photo(b"GIF9"), "Bad Request: IMAGE_PROCESS_FAILED")
        self.assertEqual(photo(png(210, 10)), "Bad Request: PHOTO_INVALID_DIMENSIONS")
        self.assertEqual(photo(b""), "Bad Request: file must be non-empty")
        self.assertEqual(self.refused("sendPhoto"), "Bad Request: there is no photo in the request")

    def multipart(self, method: str, fields: dict[str, str], photo: bytes) -> dict:
        parts = [f'Content-Disposition: form-data; name="{name}"\r\n\r\n{value}'.encode()
                 for name, value in fields.items()]
        parts.append(b'Content-Disposition: form-data; name="photo"; filename="a.png"\r\n'
                     b'Content-Type: image/png\r\n\r\n' + photo)
        body = b"".join(b"--limit\r\n" + part + b"\r\n" for part in parts) + b"--limit--\r\n"
        return self.raw(f"POST /bot{self.server.token}/{method} HTTP/1.1\r\nContent-Type: multipart/form-data; "
                        f"boundary=limit\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body)

    def raw(self, request: bytes) -> dict:
        """The answer to a request that is written by hand."""
        with socket.create_connection(self.server.url.removeprefix("http://").split(":"), timeout=10) as peer:
            peer.sendall(request)
            peer.shutdown(socket.SHUT_WR)
            answer = b"".join(iter(lambda: peer.recv(1 << 16), b""))
        return json.loads(answer.partition(b"\r\n\r\n")[2] or "{}")

    def test_half_a_request_has_no_effect(self) -> None:
        head = (f"POST /bot{self.server.token}/sendMessage HTTP/1.1\r\n"
                "Content-Type: application/x-www-form-urlencoded\r\n")
        body = f"chat_id={CHAT}&text=x"
        self.assertEqual(self.raw(f"{head}Content-Length: {len(body) + 1}\r\n\r\n{body}".encode()), {})
        self.assertEqual(self.server.chat(CHAT).messages, [])
        answer = self.raw(f"{head}Transfer-Encoding: chunked\r\n\r\n{len(body):x}\r\n{body}\r\n0\r\n\r\n".encode())
        self.assertTrue(answer["ok"])
        self.assertEqual(self.server.requests[-1].body, body.encode())
        self.assertEqual(self.raw(f"{head}Content-Length: {30 << 20}\r\n\r\n".encode() + b"x" * ((20 << 20) + 1)),
                         {"ok": False, "error_code": 413, "description": "Request Entity Too Large"})

    def test_who_may_ask_for_what(self) -> None:
        for path, status in (("bot1:x/getMe", 401), ("botx/getMe", 404), (f"bot{self.server.token}/getMee", 404),
                             ("", 404), (f"bot{self.server.token}/GETME", 200)):
            self.assertEqual(post(f"{self.server.url}/{path}")[0], status, path)
        self.assertEqual(self.refused(chat_id=""), "Bad Request: chat_id is empty")
        self.assertEqual(self.refused(chat_id="@somebody"), "Bad Request: chat not found")
        self.assertEqual(self.refused(text="\ud83d"), "Bad Request: text must be encoded in UTF-8")
        self.assertEqual(self.refused(entities=[]), "Not Implemented: the fake knows no entities")
        self.send("x", disable_notifications=True)
        self.assertEqual(self.server.requests[-1].unknown, {"disable_notifications"})

    def test_updates_are_confirmed_by_their_offset(self) -> None:
        def poll(**fields) -> list[int]:
            return [each["update_id"] for each in self.call("getUpdates", **fields)[1]["result"]]
        for i in range(5):
            self.server.say(CHAT, 7, f"{i}")
        first = poll()[0]
        self.assertEqual(poll(limit=2), [first, first + 1])
        self.assertEqual(poll(offset=first + 1), [first + 1, first + 2, first + 3, first + 4])
        self.assertEqual(poll(), [first + 1, first + 2, first + 3, first + 4])
        self.assertEqual(poll(offset=-2), [first + 3, first + 4])
        self.assertEqual(poll(offset=first + 5, allowed_updates=["callback_query"]), [])
        self.server.say(CHAT, 7, "unwanted")
        self.assertEqual(poll(), [])
        self.server.webhook_url = "https://example.com/"
        self.assertIn("can't use getUpdates method while webhook is active", self.refused("getUpdates"))

    def test_a_forged_press_and_one_too_late(self) -> None:
        sent = self.send("x")
        query = self.server.press(sent["message_id"], "forged", user_id=7, forged=True)
        self.assertEqual(self.call("getUpdates")[1]["result"][0]["callback_query"]["data"], "forged")
        self.server.expire(query)
        self.assertIn("query is too old", self.refused("answerCallbackQuery", callback_query_id=query))

    def test_pace(self) -> None:
        self.server.pace.enforced = True
        for _ in range(3):
            self.send("x")
        status, answer = self.call("sendMessage", chat_id=CHAT, text="x")
        self.assertEqual((status, answer["parameters"], self.server.violations), (429, {"retry_after": 3}, 0))
        self.now += 2.5
        self.assertEqual(self.refused(), "Too Many Requests: retry after 1")
        self.assertEqual(self.server.violations, 1)
        self.now += 0.5
        self.send("x")
        for _ in range(20):
            self.now += 1
            self.send("x", chat_id=GROUP)
        self.now += 1
        self.assertEqual(self.refused(chat_id=GROUP), "Too Many Requests: retry after 40")
        self.send("x")

    def test_a_fault_befalls_as_often_as_it_says(self) -> None:
        self.server.fault(method="getMe", status=500, body='{"ok":false,"error_code":500,"description":"x"}', times=2)
        self.assertEqual([self.call("getMe")[0] for _ in range(3)], [500, 500, 200])

    def test_nobody_is_served_after_the_end(self) -> None:
        host, _, port = self.server.url.removeprefix("http://").partition(":")
        with socket.create_connection((host, int(port)), timeout=5) as polling:
            polling.sendall(f"GET /bot{self.server.token}/getUpdates?timeout=30 HTTP/1.1\r\n\r\n".encode())
            eventually("a poll", lambda: self.server.calls("getUpdates"), 5, 0.01)
            self.server.close()
            self.assertEqual(polling.recv(1), b"")
        with self.assertRaises(OSError):
            self.call("getMe")
        with TelegramServer(port=int(port)) as again:
            self.assertEqual(again.url, self.server.url)


if __name__ == "__main__":
    unittest.main()
