"""The figures of day.py as a table."""
DAY = 1440  # ticks
DAY_SECONDS = 86400
WHO = ("daemon", "node_exporter")

MEMORY = [  # title, part, key
    ("RSS at the start", "start", "rss"),
    ("RSS after the day", "day", "rss"),
    ("RSS after training on the day", "trained", "rss"),
    ("RSS after training on a week", "week", "rss"),
    ("RSS after training a second time", "again", "rss"),
    ("  of it anonymous, not of files", "again", "anonymous"),
    ("highest RSS until then", "again", "peak"),
    ("RSS at the shipped intervals", "real_time", "rss"),
]


def _row(title: str, figures: dict, part: str, value, goal: str = "") -> str:
    """`value` makes a text of the numbers of a process in a part of the run."""
    cells = [value(figures[part][who]) if who in figures.get(part, {}) else "-" for who in WHO]
    return f"{title:<40}{cells[0]:>16}{cells[1]:>16}{goal:>12}".rstrip()


def table(figures: dict) -> str:
    day = figures["day"]
    scale = DAY / day["ticks"]

    def megabytes(key: str, factor: float = 1):
        return lambda numbers: f"{numbers[key] * factor / 1e6:.1f} MB"

    lines = [f"{'':<40}{'aiops_exporter':>16}{'node_exporter':>16}{'goal':>12}"]
    lines += [_row(title, figures, part, megabytes(key), "<= 32 MB" if key == "rss" else "")
              for title, part, key in MEMORY]
    lines += [
        _row("CPU of a day's ticks, rounds, scrapes", figures, "day", lambda n: f"{n['cpu_seconds'] * scale:.1f} s"),
        _row("  as a share of a core", figures, "day",
             lambda n: f"{100 * n['cpu_seconds'] * scale / DAY_SECONDS:.4f} %"),
        _row("CPU in real time, share of a core", figures, "real_time",
             lambda n: f"{100 * n['share_of_a_core']:.4f} %", "<= 0.2 %"),
        _row("written to disk in a day", figures, "day", megabytes("written_bytes", scale), "<= 100 MB"),
        _row("  by write(2), to whatever", figures, "day", megabytes("wchar_bytes", scale))]
    if real := figures.get("real_time"):
        lines.append(_row("  in real time, made a day of", figures, "real_time",
                          megabytes("written_bytes", DAY_SECONDS / real["seconds"])))
    facts = {"ticks": day["ticks"], "samples stored": day["samples"], "judgements": day["judgements"],
             "anomalies": day["anomalies"], "requests": day["requests"], "bytes of a metrics page": day["page_bytes"],
             "of checkpoints": day["checkpoint_bytes"], "of states": day["state_bytes"],
             "of the database": day["database_bytes"]}
    return "\n".join(lines + ["", ", ".join(f"{value} {name}" for name, value in facts.items())])
