"""Telegram's HTML: the text that a message shows, where its entities lie in it, and what is refused.

The rules and sentences are TDLib's, to the byte offset in a refusal.
"""
import dataclasses
import itertools
import re

from telegram_links import Entity, apart, checked_link, find_links

STYLES = ["bold", "italic", "underline", "strikethrough", "spoiler"]
QUOTES = ["blockquote", "expandable_blockquote"]
CODES = ["pre", "code"]
TAGS = {"a": "text_link", "b": "bold", "strong": "bold", "i": "italic", "em": "italic", "s": "strikethrough",
        "strike": "strikethrough", "del": "strikethrough", "u": "underline", "ins": "underline",
        "tg-spoiler": "spoiler", "span": "spoiler", "tg-emoji": "custom_emoji", "pre": "pre", "code": "code",
        "blockquote": "blockquote"}
# (tag, attribute) -> what its value must begin with; every other attribute is read and ignored.
ATTRIBUTES = {("a", "href"): "", ("code", "class"): "language-", ("span", "class"): "tg-", ("tg-emoji", "emoji-id"): ""}
CHARACTERS = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
MAX_TEXT = 4096  # UTF-16 code units
MAX_ENTITIES = 100  # what is marked beyond them is shown as if it were not
# Of two entities at one place the smaller comes first, and is kept where only one can be.
ORDER = {"expandable_blockquote": 0, "blockquote": 0, "pre": 11, "code": 20, "text_link": 49, "text_mention": 49,
         "bold": 90, "italic": 91, "underline": 92, "strikethrough": 93, "spoiler": 94, "custom_emoji": 99}

_SPACE = " \t\r\n\0\v"
_END = "\0"
_NAME = re.compile(r"[^ \t\r\n\0\v>]*")
_ATTRIBUTE = re.compile(r"[^ \t\r\n\0\v=>/\"']*")
_TOKEN = re.compile(r"[A-Za-z0-9.-]*")
_REFERENCE = re.compile(r"&(?:#x(?P<hex>[0-9A-Fa-f]*)|#(?P<decimal>[0-9]*)|(?P<name>[A-Za-z]*));?")
_DROPPED = re.compile("[\r\u2028-\u202e\u0333\u033f\u030a]")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")


class MarkupError(ValueError):
    pass


def units(text: str) -> int:
    """Its length as Telegram counts: in UTF-16 code units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def clean(text: str) -> str:
    """Without the characters that Telegram takes away, or makes spaces of."""
    return _CONTROL.sub(" ", _DROPPED.sub("", text))


def plain(text: str) -> tuple[str, list[dict]]:
    return _composed(clean(text), [])


def html(source: str) -> tuple[str, list[dict]]:
    """The text and its entities as the Bot API returns them; MarkupError with Telegram's sentence."""
    parser = _Html(source)
    parser.parse()
    text = "".join(parser.text)
    try:
        text.encode()
    except UnicodeEncodeError:
        raise MarkupError("Text contains invalid Unicode characters after decoding HTML entities, check for unmatched "
                          "surrogate code units") from None
    return _composed(text, parser.entities)


@dataclasses.dataclass
class _Open:
    tag: str
    argument: str
    begin: int


class _Html:
    def __init__(self, source: str):
        self.source = source + _END
        self.at = 0
        self.text: list[str] = []  # a character each
        self.open: list[_Open] = []
        self.entities: list[Entity] = []

    def parse(self) -> None:
        while self.at < len(self.source) - 1:
            if self._here() != "<":
                self.text += clean(self._character())
            elif self.source[self.at + 1] == "/":
                self._end_tag()
            else:
                self._start_tag()
        if self.open:
            raise MarkupError(f'Can\'t find end tag corresponding to start tag "{self.open[-1].tag}"')
        for entity in self.entities:
            if entity.type == "code":
                entity.more.clear()  # a language is of a <pre> only

    def _here(self) -> str:
        return self.source[self.at]

    def _take(self, pattern: re.Pattern) -> str:
        match = pattern.match(self.source, self.at)
        self.at = match.end()
        return match[0]

    def _skip_spaces(self) -> None:
        while self._here() in _SPACE and self._here() != _END:
            self.at += 1

    def _error(self, what: str, at: int, after: str = "") -> MarkupError:
        return MarkupError(f"{what} at byte offset {len(self.source[:at].encode())}{after}")

    def _character(self) -> str:
        """The next one; an & that begins no reference that is known stands for itself."""
        match = _REFERENCE.match(self.source, self.at)
        char = _referred(match) if match else ""
        self.at = match.end() if char else self.at + 1
        return char or self.source[self.at - 1]

    def _start_tag(self) -> None:
        begin = self.at
        self.at += 1
        tag = self._take(_NAME).lower()
        if self._here() == _END:
            raise self._error("Unclosed start tag", begin)
        if tag not in TAGS:
            raise self._error(f'Unsupported start tag "{tag}"', begin)
        argument = ""
        self._skip_spaces()
        while self._here() != ">":
            argument = self._attribute(tag, begin) or argument
            self._skip_spaces()
        self.at += 1
        if tag == "span" and argument != "spoiler":
            raise self._error('Tag "span" must have class "tg-spoiler"', begin)
        self.open.append(_Open(tag, argument, len(self.text)))

    def _attribute(self, tag: str, begin: int) -> str:
        name = self._take(_ATTRIBUTE)
        if not name:
            raise self._error(f'Empty attribute name in the tag "{tag}"', begin)
        self._skip_spaces()
        if self._here() == _END:
            raise self._error(f'Unclosed start tag "{tag}"', begin)
        if self._here() != "=":
            if (tag, name) == ("blockquote", "expandable"):
                return name
            raise self._error(f'Expected equal sign in declaration of an attribute of the tag "{tag}"', begin)
        self.at += 1
        self._skip_spaces()
        value = self._value()
        if self._here() == _END:
            raise self._error("Unclosed start tag", begin)
        prefix = ATTRIBUTES.get((tag, name))
        return value.removeprefix(prefix) if prefix is not None and value.startswith(prefix) else ""

    def _value(self) -> str:
        quote = self._here()
        if quote not in "'\"":
            begin = self.at
            value = self._take(_TOKEN).lower()
            if self._here() not in _SPACE + ">":
                raise self._error("Unexpected end of name token", begin)
            return value
        self.at += 1
        value = ""
        while self._here() not in (quote, _END):
            value += self._character()
        if self._here() == quote:
            self.at += 1
        return value

    def _end_tag(self) -> None:
        begin = self.at
        if not self.open:
            raise self._error("Unexpected end tag", begin)
        self.at += 2
        tag = self._take(_NAME).lower()
        self._skip_spaces()
        if self._here() != ">":
            raise self._error("Unclosed end tag", begin)
        self.at += 1
        opened = self.open.pop()
        if tag and tag != opened.tag:
            raise self._error("Unmatched end tag", begin, f', expected "</{opened.tag}>", found "</{tag}>"')
        if len(self.text) > opened.begin:
            self._close(opened)

    def _close(self, opened: _Open) -> None:
        entity = Entity(TAGS[opened.tag], opened.begin, len(self.text))
        if entity.type == "text_link":
            _refer(entity, opened.argument or "".join(self.text[opened.begin:]))
        elif entity.type == "custom_emoji":
            if not re.fullmatch(r"-?[1-9]\d{0,18}", opened.argument):
                raise MarkupError("Invalid custom emoji identifier specified")
            entity.more = {"custom_emoji_id": opened.argument}
        elif opened.argument == "expandable":
            entity.type = "expandable_blockquote"
        elif entity.type in CODES:
            entity.more = {"language": opened.argument} if opened.argument else {}
            self._join_codes(entity)
        if entity.type:
            self.entities.append(entity)

    def _join_codes(self, entity: Entity) -> None:
        """<pre><code class="language-x"> is one entity, in either order."""
        inner = self.entities[-1] if self.entities else None
        if inner and {inner.type, entity.type} == set(CODES) and (inner.begin, inner.end) == (entity.begin, entity.end):
            if language := inner.more or entity.more:
                self.entities.pop()
                entity.type, entity.more = "pre", language


def _referred(match: re.Match) -> str:
    if match["name"] is not None:
        return CHARACTERS.get(match["name"], "")
    digits, base = (match["hex"], 16) if match["hex"] is not None else (match["decimal"], 10)
    code = int(digits or "0", base)
    return chr(code) if 0 < code < 0x10ffff and len(match[0].rstrip(";")) < 10 else ""


def _refer(entity: Entity, link: str) -> None:
    """A link that is none leaves its text and no entity: Telegram says nothing."""
    if user := re.fullmatch(r"(?i)tg:(?://)?user/?\?id=([1-9]\d*)", link):
        entity.type, entity.more = "text_mention", {"user": {"id": int(user[1]), "is_bot": False, "first_name": "user"}}
        return
    address, _ = checked_link(link)
    entity.type, entity.more = ("text_link", {"url": address}) if address else ("", {})


def _composed(text: str, entities: list[Entity]) -> tuple[str, list[dict]]:
    """Nothing overlaps but in ways that Telegram allows, spaces around the text are gone, its links are found."""
    if len(text) > 2 * MAX_TEXT:
        return text, []  # whoever asked will refuse it
    entities = sorted(entities, key=_place)
    quotes = apart([each for each in entities if each.type in QUOTES])
    solid = apart([each for each in entities if each.type not in STYLES + QUOTES])
    solid = [each for each in solid if not any(_crosses(each, quote) for quote in quotes)]
    styles = [each for each in entities if each.type in STYLES]
    _trim_entities(text, quotes + styles + [each for each in solid if each.type == "custom_emoji"])
    text = _trim(text, quotes + solid + styles)
    quotes, solid = _first(quotes, solid)
    found = [each for each in find_links(text)
             if not any(each.meets(other) for other in solid) and not any(_crosses(each, quote) for quote in quotes)]
    marked = quotes + solid
    composed = marked + found + _split(styles, marked + found)[:MAX_ENTITIES - len(marked)]
    return text, [_told(text, each) for each in sorted(composed, key=_place) if each.begin < each.end]


def _first(*kinds: list[Entity]) -> list[list[Entity]]:
    """Of all of them as many as a message may have; the styles get what these leave."""
    kept = sorted(itertools.chain(*kinds), key=_place)[:MAX_ENTITIES]
    return [[each for each in kind if each in kept] for kind in kinds]


def _place(entity: Entity) -> tuple[int, int, int]:
    return entity.begin, -entity.end, ORDER.get(entity.type, 50)


def _crosses(entity: Entity, quote: Entity) -> bool:
    return entity.meets(quote) and not (quote.begin <= entity.begin and entity.end <= quote.end)


def _trim_entities(text: str, entities: list[Entity]) -> None:
    for entity in entities:
        shown = text[entity.begin:entity.end]
        entity.begin = entity.end if not shown.strip(" \n") else entity.end - len(shown.lstrip(" \n"))


def _trim(text: str, entities: list[Entity]) -> str:
    text = text.rstrip(" \n")
    first = min((each.begin for each in entities if each.begin < each.end), default=len(text))
    skipped = min(first, len(text) - len(text.lstrip(" \n")))
    for entity in entities:
        entity.begin = max(entity.begin - skipped, 0)
        entity.end = min(entity.end - skipped, len(text) - skipped)
    return text[skipped:]


def _split(styles: list[Entity], whole: list[Entity]) -> list[Entity]:
    """Styles of one kind are merged, and cut where another begins and at the ends of what is no style; none in code."""
    merged: list[Entity] = []
    for style in (each for each in styles if each.begin < each.end):
        last = next((each for each in merged if each.type == style.type and style.begin <= each.end), None)
        if last:
            last.end = max(last.end, style.end)
        else:
            merged.append(dataclasses.replace(style))
    cuts = {each.begin for each in merged + whole} | {each.end for each in whole}
    parts = []
    for style in merged:
        edges = sorted({style.begin, style.end} | {cut for cut in cuts if style.begin < cut < style.end})
        parts += [Entity(style.type, begin, end) for begin, end in zip(edges, edges[1:])]
    codes = [each for each in whole if each.type in CODES]
    return sorted((part for part in parts if not any(part.meets(code) for code in codes)), key=_place)


def _told(text: str, entity: Entity) -> dict:
    return {"offset": units(text[:entity.begin]), "length": units(text[entity.begin:entity.end]),
            "type": entity.type, **entity.more}
