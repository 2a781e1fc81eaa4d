"""What Telegram makes a link of in plain text, though nobody marked it: for tests that say that hostile text made none.

The rules are TDLib's. Left out: bank cards and telephone numbers; of the top-level domains, brands and rare ones.
"""
import dataclasses
import re
import urllib.parse

COUNTRIES = frozenset("""
    ac ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bm bn bo br bs bt bw by bz ca cc cd cf
    cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec ee eg er es et eu fi fj fk fm fo fr ga gb gd ge gf
    gg gh gi gl gm gn gp gq gr gs gt gu gw gy hk hm hn hr ht hu id ie il im in io iq ir is it je jm jo jp ke kg kh ki km
    kn kp kr kw ky kz la lb lc li lk lr ls lt lu lv ly ma mc md me mg mh mk ml mm mn mo mp mq mr ms mt mu mv mw mx my mz
    na nc ne nf ng ni nl no np nr nu nz om pa pe pf pg ph pk pl pm pn pr ps pt pw py qa re ro rs ru rw sa sb sc sd se sg
    sh si sj sk sl sm sn so sr ss st su sv sx sy sz tc td tf tg th tj tk tl tm tn to tr tt tv tw tz ua ug uk us uy uz va
    vc ve vg vi vn vu wf ws ye yt za zm zw""".split())
DOMAINS = COUNTRIES | frozenset("""
    academy agency app archi arpa art asia associates audio auto bank bar beer best bike bio biz black blog blue boo
    book bot box build builders business buy buzz cab cafe call cam camera camp car cards care case cash cat center
    chat cheap church city claims click clinic cloud club coach codes coffee college com community company compare
    computer construction consulting contact cool coop country courses credit dad data date day deal deals delivery
    design dev digital direct directory discount dog domains download earth eco edu education email energy engineer
    engineering equipment events exchange expert express fail family fan farm fashion film final finance fit fish fm
    foo food forum foundation free fun fund gallery game games garden gift global gmail gold goo google gov green
    group guide guru health help here host hosting hot hotel house how ing ink institute int international jobs land
    law life lighting limited link live llc loan lol love ltd management map market marketing media meet meme mil
    mobi mobile money monster mov movie museum name net network new news now observer one ong online open org page
    partners parts party pay pet phone photo photos pics pictures pin ping pink pizza place plus porn post press pro
    prod productions promo properties pub racing read red rent repair report rest review rip rocks run safe sale
    save school science search secure security select services sex shop show site ski social software solutions
    space spot store stream studio study style supplies supply support surf systems tab talk tax team tech
    technology tel theater tips tires today tools top tours town toys trade trading training travel trust tube
    university vacations video vip vision vote wang watch weather web webcam website wiki win work works world wow
    wtf xin xxx xyz yandex you youtube zero zip zone 한국 닷컴 닷넷 삼성 рф рус сайт онлайн москва 中国 公司 网络""".split())

SHORT_NAMES = {"gif", "vid", "pic"}  # the only mentions below four letters
_SPACES = r"\s\u2000-\u200b\u200e\u200f\u2016-\u206f"
_TAG = r"\w\u200c\u00b7\u0d80-\u0dff"
_DOMAIN = rf"(?:[A-Za-z0-9_.~-]|[^\x00-\xbf{_SPACES}])+"
_PATH = rf"[/?#][^<>\"«»{_SPACES}]*"
_MENTION = re.compile(r"(?<!\w)@([A-Za-z0-9_]{2,32})(?!\w)")
_COMMAND = re.compile(r"(?<![\w/<>])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32}|(?!@))(?![\w/<>])")
_HASHTAG = re.compile(rf"(?<![{_TAG}])#([{_TAG}]{{1,256}})(?![{_TAG}]*#)")
_CASHTAG = re.compile(rf"(?<![${_TAG}])\$(?:1INCH|[A-Z]{{1,8}})(?![${_TAG}])")
_APP_LINK = re.compile(rf"(?P<address>(?i:tg|ton)://[A-Za-z0-9_-]{{1,253}})(?P<path>{_PATH})?")
_URL = re.compile(rf"(?P<protocol>[\w+-]+://)?(?P<user>[^/\[\]{{}}()'`<>\"@«»{_SPACES}]+@)?"
                  rf"(?P<domain>{_DOMAIN})(?P<port>:\d+)?(?P<path>{_PATH})?")
_EMAIL = re.compile(r"(?:[\w-]{0,26}[.+]){0,10}[\w-]{1,35}@(?:[A-Za-z0-9](?:[\w-]{0,28}[A-Za-z0-9])?\.){1,6}"
                    r"[A-Za-z]{2,8}", re.ASCII)
_BYTE = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_IPV4 = re.compile(rf"{_BYTE}(?:\.{_BYTE}){{3}}")
_BAD_END = ".:;,('?!`"


@dataclasses.dataclass
class Entity:
    """A stretch of a text, in characters; Telegram's own units come last."""
    type: str
    begin: int
    end: int
    more: dict = dataclasses.field(default_factory=dict)

    def meets(self, other: "Entity") -> bool:
        return self.begin < other.end and other.begin < self.end


def find_links(text: str) -> list[Entity]:
    """All of them, none over another: what begins first and is longest wins."""
    found = [Entity("mention", *match.span()) for match in _MENTION.finditer(text)
             if len(match[1]) >= 4 or match[1].lower() in SHORT_NAMES]
    found += [Entity("bot_command", *match.span()) for match in _COMMAND.finditer(text)]
    found += [Entity("hashtag", *match.span()) for match in _HASHTAG.finditer(text)
              if any(char.isalpha() for char in match[1])]
    found += [Entity("cashtag", *match.span()) for match in _CASHTAG.finditer(text)]
    found += [Entity("url", match.start(), match.end("address") + len(_ended(match["path"])))
              for match in _APP_LINK.finditer(text)]
    found += _urls(text)
    return apart(found)


def apart(entities: list[Entity]) -> list[Entity]:
    kept: list[Entity] = []
    for entity in sorted(entities, key=lambda each: (each.begin, -each.end)):
        if not kept or entity.begin >= kept[-1].end:
            kept.append(entity)
    return kept


def _urls(text: str) -> list[Entity]:
    found = []
    for match in _URL.finditer(text):
        begin, end = match.span()
        if not match["protocol"]:
            if begin > 0 and (text[begin - 1] in "/#@_" or text[begin - 1].isalnum()):
                continue
            if email := _EMAIL.fullmatch(text, begin + 7 * text.startswith("mailto:", begin), end):
                found.append(Entity("email", *email.span()))
                continue
        scheme = _scheme(match["protocol"])
        if scheme is not None and _is_linked(match["domain"].rstrip("."), scheme):
            address = _without_tail(match)
            found.append(Entity("url", match.start("protocol") + len(match["protocol"]) - len(scheme) if scheme
                                else begin, begin + len(address)))
    return found


def _scheme(protocol: str | None) -> str | None:
    """The part of it that a link begins with: what is written before it does no harm. None when there is no such."""
    if not protocol:
        return ""
    if protocol.lower() in ("shttp://", "tftp://", "sftp://"):
        return None
    return next((known for known in ("https://", "http://", "ftp://") if protocol.lower().endswith(known)), None)


def _is_linked(domain: str, scheme: str) -> bool:
    parts = domain.split(".")
    if len(parts) < 2 or any(not 0 < len(part) < 64 or part.endswith("-") for part in parts):
        return False
    if _IPV4.fullmatch(domain):
        return True
    last = parts[-1].lower()
    if len(last) < 2 or domain.replace(".", "").isdigit() or "_" in last + parts[-2]:
        return False
    if last.startswith("xn--"):
        return len(last) > 5 and last[4:].isalnum()
    return "-" not in last and (scheme != "" or last in DOMAINS)


def _without_tail(match: re.Match) -> str:
    """A port that is none ends the address, and so does a bracket that closes what began before it."""
    address = (match["protocol"] or "") + (match["user"] or "") + match["domain"]
    port, path = match["port"] or "", match["path"] or ""
    if port and not 0 < int(port[1:]) < 65536:
        port, path = "", ""
    depth = dict.fromkeys(")]}", 0)
    for at, char in enumerate(path):
        if char in "([{":
            depth[")]}"["([{".index(char)]] += 1
        elif char in depth:
            depth[char] -= 1
            if depth[char] < 0:
                path = path[:at]
                break
    return (address + port + _ended(path)).rstrip(".")


def _ended(path: str | None) -> str:
    """Without the punctuation of the sentence around it."""
    path = (path or "").rstrip(_BAD_END)
    return "" if path == "#" else path


def checked_link(link: str) -> tuple[str, str]:
    """The address as Telegram writes it, or "" and what is wrong with it."""
    if app := re.fullmatch(r"(?i)(tg|ton):(?://)?([A-Za-z0-9_-]+)/?(\?.*)?", link):
        return f"{app[1].lower()}://{app[2]}{app[3] or ''}", ""
    protocol, separator, rest = link.partition("://")
    if not separator:
        protocol, rest = "http", link
    if protocol.lower() not in ("http", "https"):
        return "", "Unsupported URL protocol"
    host, tail = re.fullmatch(r"([^/?#]*)(.*)", rest, re.DOTALL).groups()
    user, at, address = host.rpartition("@")
    name, colon, port = address.partition(":") if not address.startswith("[") else (address, "", "")
    if colon and not (port.isdigit() and 0 < int(port) < 65536):
        return "", "Wrong port number specified in the URL"
    if any(char <= " " for char in host) or ("." not in name.strip(".") and not name.startswith("[")):
        return "", "Wrong HTTP URL"
    path = urllib.parse.quote(tail, safe="/?#[]@!$&'()*+,;=%:~-._|^`{}\\\"<>")
    return f"{protocol.lower()}://{user}{at}{address.lower()}{path if path.startswith('/') else '/' + path}", ""
