#!/usr/bin/env python3
"""What scripts/lib.sh says of a build, in a checkout made up for it."""

import pathlib
import shutil
import subprocess
import tempfile
import unittest

LIB = pathlib.Path(__file__).parents[2] / "scripts" / "lib.sh"


class BuildEstimateTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        for name in ("scripts", "exporter", "detectors"):
            (self.root / name).mkdir()
        shutil.copy(LIB, self.root / "scripts")

    def said(self) -> str:
        command = f"source {self.root}/scripts/lib.sh; announce_build release"
        return subprocess.run(["bash", "-euo", "pipefail", "-c", command], check=True, text=True,
                              capture_output=True).stderr

    def test_a_first_build_is_announced_with_its_minutes(self):
        self.assertRegex(self.said(), r"about \d+ minute\(s\) the first time")
        (self.root / "build" / "release").mkdir(parents=True)
        self.assertIn("the first time", self.said())

    def test_one_that_goes_on_is_not(self):
        objects = self.root / "build" / "release" / "CMakeFiles"
        objects.mkdir(parents=True)
        (objects / "a.cc.o").touch()
        self.assertEqual(self.said(), "")


if __name__ == "__main__":
    unittest.main()
