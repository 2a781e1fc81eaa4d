#!/usr/bin/env python3
"""help_test.py FOLDER: what the programs of this build say of themselves is what their pages in docs/ say."""

import pathlib
import re
import subprocess
import sys
import unittest

DOCS = pathlib.Path(__file__).parents[2] / "docs"


def said(program: str, *arguments: str) -> str:
    return subprocess.run([BUILD / program, *arguments], check=True, text=True, capture_output=True).stdout


class HelpTest(unittest.TestCase):
    def test_the_daemons_page_has_its_flags_and_no_other(self):
        flag = re.compile(r"(?<![\w-])--[a-z][\w.-]*[a-z]")
        page = (DOCS / "aiops_exporter.md").read_text()
        self.assertEqual(set(flag.findall(said("aiops_exporter", "--help"))), set(flag.findall(page)))

    def test_the_tools_page_has_its_commands(self):
        listed = re.split(r"^Subcommands:$", said("aiopsctl", "--help"), flags=re.MULTILINE | re.IGNORECASE)[1]
        commands = re.findall(r"^  (\w[\w-]*)  ", listed.partition("\n\n")[0], re.MULTILINE)
        self.assertIn("check-config", commands)
        page = (DOCS / "aiopsctl.md").read_text()
        self.assertEqual([], [name for name in commands if f"`{name}" not in page])


if __name__ == "__main__":
    BUILD = pathlib.Path(sys.argv.pop(1))
    unittest.main()
