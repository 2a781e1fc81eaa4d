"""What hangs on a message of a fake Telegram: its buttons, and its photo."""
import struct

from telegram_links import checked_link
from telegram_markup import clean
from telegram_request import Request, bad, not_covered

MAX_BUTTONS = 100
MAX_BUTTON_DATA = 64  # bytes
MAX_PHOTO = 10 << 20
IMAGES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF8", b"RIFF")

Photo = tuple[bytes, dict]  # and what Telegram tells of it


def keyboard(request: Request, edit: bool = False) -> dict | None:
    """The inline keyboard; one without buttons is none, and an edit that names none takes it away."""
    given = request.json("reply_markup", "can't parse reply keyboard markup JSON object")
    if given is None:
        return None
    if not isinstance(given, dict):
        raise bad("object expected as reply markup")
    if "inline_keyboard" not in given:
        raise bad("inline keyboard expected") if edit else not_covered("reply markup but the inline keyboard")
    rows = given["inline_keyboard"]
    if not isinstance(rows, list):
        raise bad('field "inline_keyboard" must be of type Array')
    if not all(isinstance(row, list) for row in rows):
        raise bad('field "inline_keyboard" must be an Array of Arrays')
    buttons = [[_button(button) for button in row] for row in rows if row]
    if sum(map(len, buttons)) > MAX_BUTTONS:
        raise bad("reply markup is too long")
    return {"inline_keyboard": buttons} if buttons else None


def _button(given) -> dict:
    wrong = "can't parse inline keyboard button: "
    if not isinstance(given, dict):
        raise bad(wrong + "InlineKeyboardButton must be an Object")
    if "text" not in given:
        raise bad(wrong + "Can't find field \"text\"")
    if other := given.keys() - {"text", "url", "callback_data"}:
        raise not_covered(f"button with {min(other)}")
    for name, value in given.items():
        if not isinstance(value, str):
            raise bad(f'{wrong}Field "{name}" must be of type String')
    text = clean(given["text"])
    if "url" in given:
        address, reason = checked_link(given["url"])
        if not address:
            raise bad(f"inline keyboard button URL '{given['url']}' is invalid: {reason}")
        return {"text": text, "url": address}
    if "callback_data" not in given:
        raise bad(wrong + "Text buttons are unallowed in the inline keyboard")
    if not 1 <= len(given["callback_data"].encode()) <= MAX_BUTTON_DATA:
        raise bad("BUTTON_DATA_INVALID")
    return {"text": text, "callback_data": given["callback_data"]}


def photo(known: dict[str, Photo], request: Request) -> Photo:
    """One that was sent before may be named by its id; a new one becomes known."""
    name = request.text("photo")
    if name in known:
        return known[name]
    file = request.files.get(name.removeprefix("attach://") if name else "photo")
    if not file and name.startswith(("http://", "https://")):
        raise not_covered("photo that is to be fetched")
    if not file:
        raise bad("wrong remote file identifier specified: Wrong string length" if name
                  else "there is no photo in the request")
    if not file.content:
        raise bad("file must be non-empty")
    if len(file.content) > MAX_PHOTO:
        raise bad("file is too big")
    if not file.content.startswith(IMAGES):
        raise bad("IMAGE_PROCESS_FAILED")
    width, height = _dimensions(file.content)
    key = f"photo-{len(known) + 1}"
    known[key] = file.content, {"file_id": key, "file_unique_id": f"unique-{key}", "width": width,
                                "height": height, "file_size": len(file.content)}
    return known[key]


def _dimensions(image: bytes) -> tuple[int, int]:
    """Of a PNG, which must be whole; other kinds count as 1 x 1."""
    if not image.startswith(IMAGES[0]):
        return 1, 1
    if len(image) < 33 or image[12:16] != b"IHDR" or image[-8:-4] != b"IEND":
        raise bad("IMAGE_PROCESS_FAILED")
    width, height = struct.unpack(">II", image[16:24])
    if min(width, height) == 0 or width + height > 10000 or max(width, height) > 20 * min(width, height):
        raise bad("PHOTO_INVALID_DIMENSIONS")
    return width, height
