#!/usr/bin/env python3
"""lint.py RULE ROOT: what neither compiler nor clang-format refuses. Prints file:line: sentence.

Exit codes: 0 clean, 1 findings, 2 wrong usage, 3 skipped (with the reason). Standard library only.
"""

import pathlib
import re
import shutil
import subprocess
import sys

SKIPPED = 3
MAX_FILE_LINES = 500
MAX_FUNCTION_LINES = 60
COLUMNS = 100

# Third-party header -> the rooms whose files may include it ("main" is exporter/main.cc).
LIBRARIES = {
    "yaml-cpp/": {"config"},
    "sqlite3.h": {"store"},
    "curl/": {"net"},
    "civetweb.h": {"web"},
    "CivetServer.h": {"web"},
    "prometheus/": {"web"},
    "openssl/": {"web"},
    "crypt.h": {"web"},
    "simdjson.h": {"collect"},
    "zlib.h": {"collect"},
    "re2/": {"collect"},
    "hiredis/": {"notify"},
    "Eigen/": {"detectors"},
    "spdlog/": {"base"},
    "fmt/": {"base"},
    "date/": {"config", "collect"},
    "CLI/": {"ctl", "main"},
    "nlohmann/": {"collect", "analyze", "notify", "pipeline", "web", "ctl"},
}
# Cheap to include, made for headers.
LIGHT_HEADERS = {"nlohmann/json_fwd.hpp"}

# Everything here has a seam of ours, throws, or depends on the locale; exporter/base owns the seams.
CALLS = {
    r"\bsleep_(?:for|until)\b": "wait through Clock",
    r"\b(?:u|nano)?sleep\s*\(": "wait through Clock",
    r"\bsystem_clock\s*::\s*now\b": "ask Clock for the time",
    r"\bsteady_clock\s*::\s*now\b": "ask Clock for the time",
    r"\bhigh_resolution_clock\b": "ask Clock for the time",
    r"(?<![\w.>])s?rand\s*\(": "use a seeded generator",
    r"\bstd\s*::\s*w?regex\b": "too slow and recursive; parse by hand or use RE2",
    r"\bstd\s*::\s*sto(?:i|l|ll|ul|ull|f|d|ld)\b": "throws and follows the locale; use from_chars",
    r"(?<![\w.>])(?:strtod|strtof|atof|atoi|atol)\s*\(": "follows the locale; use from_chars",
    r"(?<![\w.>:])(?:std::)?(?:system|popen)\s*\(": "nothing is ever executed",
}

# Packages that would start something on the machine of whoever runs the tests.
SERVICES = re.compile(
    r"^(prometheus(-alertmanager|-node-exporter|-.*exporter)?|nginx.*|redis(-server)?|docker.*|"
    r"podman|containerd|victoria-metrics|apache2|lighttpd|mtail|ollama|grafana.*)$")

Finding = tuple[pathlib.Path, int, str]


def sources(root: pathlib.Path, *folders: str, suffixes=(".cc", ".h")) -> list[pathlib.Path]:
    found = []
    for folder in folders:
        found += [p for p in sorted((root / folder).rglob("*")) if p.is_file() and p.suffix in suffixes]
    return [p for p in found if "testdata" not in p.parts]


def read(path: pathlib.Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")


def without_comments(text: str, keep_strings: bool = False) -> str:
    """Blanks comments and literals; line numbers stay."""
    token = re.compile(
        r'//[^\n]*|/\*.*?\*/|R"(?P<tag>[^()\s\\]{0,16})\(.*?\)(?P=tag)"|"(?:\\.|[^"\\\n])*"|'
        r"(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'", re.DOTALL)

    def blank(match: re.Match) -> str:
        if keep_strings and not match.group().startswith("/"):
            return match.group()
        return '""' + "\n" * match.group().count("\n")

    return token.sub(blank, text)


def room_of(root: pathlib.Path, path: pathlib.Path) -> str:
    parts = path.relative_to(root).parts
    if parts[0] == "detectors":
        return "detectors"
    return "main" if len(parts) == 2 else parts[1]


def includes_of(path: pathlib.Path) -> list[tuple[int, str]]:
    # Comments only: the strings are what is looked for.
    text = without_comments(read(path), keep_strings=True)
    return [(number, match.group(1)) for number, line in enumerate(text.split("\n"), 1)
            if (match := re.match(r'\s*#\s*include\s*["<]([^">]+)[">]', line))]


def check_includes(root: pathlib.Path) -> list[Finding]:
    return [(path, line, "include by room, not by a relative path: " + header)
            for path in sources(root, "exporter", "detectors", "tests")
            for line, header in includes_of(path) if header.startswith(("../", "./"))]


def check_libraries(root: pathlib.Path) -> list[Finding]:
    findings = []
    for path in sources(root, "exporter", "detectors"):
        room = room_of(root, path)
        for line, header in includes_of(path):
            rooms = next((r for name, r in LIBRARIES.items() if header.startswith(name)), None)
            if rooms is None:
                continue
            if room not in rooms:
                findings.append((path, line, f"<{header}> belongs to {', '.join(sorted(rooms))} only"))
            elif path.suffix == ".h" and header.startswith("nlohmann/") and header not in LIGHT_HEADERS:
                findings.append((path, line, f"<{header}> in a header costs every includer seconds"))
    return findings


def check_calls(root: pathlib.Path) -> list[Finding]:
    findings = []
    for path in sources(root, "exporter", "detectors"):
        if room_of(root, path) == "base":
            continue
        text = without_comments(read(path))
        for pattern, advice in CALLS.items():
            for match in re.finditer(pattern, text):
                line = text.count("\n", 0, match.start()) + 1
                findings.append((path, line, f"`{match.group().strip()}`: {advice}"))
    return findings


def check_words(root: pathlib.Path) -> list[Finding]:
    later = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|XX" r"X)\b")
    home = re.compile(r"(?<![\w.$}/])/(?:root|work|home/[a-z]\w*|Users/\w+)/\w")
    findings = []
    suffixes = (".cc", ".h", ".py", ".sh", ".txt", ".cmake", ".md", ".yml", ".yaml", ".json", ".sql", "")
    folders = ("exporter", "detectors", "tests", "scripts", "cmake", "docs", "rules", "prompts", "helm",
               "dashboards")
    files = sources(root, *folders, suffixes=suffixes) + sorted(root.glob("*.md"))
    for path in files:
        parts = path.relative_to(root).parts
        for number, line in enumerate(read(path).split("\n"), 1):
            if match := later.search(line):
                findings.append((path, number, f"`{match.group()}`: do it, or write down why not"))
            # Recorded input may name any path.
            if "replay" not in parts and "lint" not in parts and (match := home.search(line)):
                findings.append((path, number, f"`{match.group()}…`: a path of one machine"))
    return findings


def functions(lines: list[str]):
    """(first line, length) of every function, by the indentation that clang-format guarantees."""
    for end, line in enumerate(lines):
        match = re.fullmatch(r"( {0,4})}", line)
        if not match:
            continue
        indent = match.group(1)
        opener = re.compile(indent + r"[^\s#}]")
        start = next((i for i in range(end - 1, -1, -1) if opener.match(lines[i])), None)
        if start is None or re.match(r"\s*(?:namespace|class|struct|enum|union|extern|if|for|while|switch|do|"
                                     r"else|try|case|default|public|private|protected)\b", lines[start]):
            continue
        yield start + 1, end - start + 1


def check_length(root: pathlib.Path) -> list[Finding]:
    findings = []
    for path in sources(root, "exporter", "detectors", "tests", suffixes=(".cc", ".h", ".py", "")):
        lines = without_comments(read(path)).split("\n") if path.suffix in (".cc", ".h") else []
        count = read(path).count("\n")
        if count > MAX_FILE_LINES:
            findings.append((path, count, f"{count} lines, more than {MAX_FILE_LINES}: two subjects?"))
        for start, length in functions(lines):
            if length > MAX_FUNCTION_LINES:
                findings.append((path, start, f"a function of {length} lines, more than {MAX_FUNCTION_LINES}"))
    return findings


def clang_format() -> str | None:
    for name in ("clang-format-16", "clang-format"):
        if program := shutil.which(name):
            version = subprocess.run([program, "--version"], capture_output=True, text=True).stdout
            if re.search(r"version 16\.", version):
                return program
    return None


def check_format(root: pathlib.Path) -> list[Finding]:
    program = clang_format()
    if program is None:
        print("skipped: no clang-format 16 (other versions format differently); on Debian 12 "
              "apt-get install clang-format-16")
        sys.exit(SKIPPED)
    files = sources(root, "exporter", "detectors", "tests")
    done = subprocess.run([program, "--dry-run", "-Werror", *map(str, files)], capture_output=True, text=True)
    places = sorted(set(re.findall(r"^(.+?):(\d+):\d+: error", done.stderr, re.MULTILINE)),
                    key=lambda place: (place[0], int(place[1])))
    if done.returncode and not places:
        return [(root, 0, done.stderr.strip())]
    return [(pathlib.Path(name), int(line), "not as clang-format 16 writes it") for name, line in places]


def check_packages(root: pathlib.Path) -> list[Finding]:
    path = root / "scripts" / "packages.txt"
    findings = []
    for number, line in enumerate(read(path).split("\n"), 1):
        for name in line.split("#")[0].replace("|", " ").split():
            if SERVICES.match(name):
                findings.append((path, number, f"{name} starts a service: get it with tests/tools/peers"))
    return findings


RULES = {
    "includes": check_includes,
    "libraries": check_libraries,
    "calls": check_calls,
    "words": check_words,
    "length": check_length,
    "format": check_format,
    "packages": check_packages,
}


def main(arguments: list[str]) -> int:
    if len(arguments) != 2 or arguments[0] not in RULES:
        print(f"usage: lint.py {'|'.join(RULES)} ROOT", file=sys.stderr)
        return 2
    root = pathlib.Path(arguments[1]).resolve()
    findings = RULES[arguments[0]](root)
    for path, line, sentence in findings:
        name = path.relative_to(root) if path.is_relative_to(root) else path
        print(f"{name}:{line}: {sentence}")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
