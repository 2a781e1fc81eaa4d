#!/usr/bin/env python3
"""Every rule of lint.py finds what it is there for, and leaves alone what looks like it."""

import pathlib
import tempfile
import unittest

import lint


class LintTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)

    def write(self, name: str, text: str):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def found(self, rule: str) -> list[tuple[str, int]]:
        return [(str(path.relative_to(self.root)), line) for path, line, _ in lint.RULES[rule](self.root)]

    def test_relative_include_is_found_in_code_but_not_in_a_comment(self):
        self.write("exporter/text/a.cc", '// #include "../b.h"\n#include "../b.h"\n#include "base/b.h"\n')
        self.assertEqual(self.found("includes"), [("exporter/text/a.cc", 2)])

    def test_library_is_found_outside_its_room(self):
        self.write("exporter/store/db.cc", "#include <sqlite3.h>\n")
        self.write("exporter/web/db.cc", "#include <sqlite3.h>\n")
        self.write("detectors/f.cc", "#include <Eigen/Dense>\n#include <spdlog/spdlog.h>\n")
        self.assertEqual(self.found("libraries"), [("exporter/web/db.cc", 1), ("detectors/f.cc", 2)])

    def test_json_is_found_in_a_header_only(self):
        self.write("exporter/web/api.cc", "#include <nlohmann/json.hpp>\n")
        self.write("exporter/web/api.h", "#include <nlohmann/json.hpp>\n#include <nlohmann/json_fwd.hpp>\n")
        self.assertEqual(self.found("libraries"), [("exporter/web/api.h", 1)])

    def test_forbidden_calls_are_found_outside_base(self):
        bad = ("std::this_thread::sleep_for(1s);\nauto t = std::chrono::system_clock::now();\n"
               "int r = rand();\nstd::regex e;\ndouble d = std::stod(s);\nsystem(s);\n")
        self.write("exporter/base/clock.cc", bad)
        self.write("exporter/web/a.cc", bad)
        self.assertEqual(sorted(self.found("calls")), [("exporter/web/a.cc", n) for n in range(1, 7)])

    def test_calls_in_comments_strings_and_longer_names_are_left_alone(self):
        self.write("exporter/web/a.cc", '// rand()\nauto s = "std::stod(";\nint operand(int);\n'
                   'auto r = R"(system(\n)";\nfile_system(1);\nx.system(2);\n/* sleep_for\n */\nint n = 1\'000;\n')
        self.assertEqual(self.found("calls"), [])

    def test_line_numbers_survive_raw_strings(self):
        self.write("exporter/web/a.cc", 'auto s = R"sql(\nrand()\n)sql";\nint r = rand();\n')
        self.assertEqual(self.found("calls"), [("exporter/web/a.cc", 4)])

    def test_words_are_found(self):
        self.write("docs/a.md", "fine\nTO" "DO later\nmktemp aiops.XXXX" "XX\n")
        self.write("scripts/run", "cd /ro" "ot/checkout\n")
        self.assertEqual(sorted(self.found("words")), [("docs/a.md", 2), ("scripts/run", 1)])

    def test_long_file_and_long_function_are_found(self):
        self.write("exporter/web/long.cc", "int x;\n" * 501)
        body = "  x();\n" * 60
        self.write("exporter/web/f.cc", f"namespace aiops {{\n\nvoid F(int a,\n       int b) {{\n{body}}}\n\n"
                   f"}}  // namespace aiops\n")
        self.write("exporter/web/g.cc", "class C {\n void F();\n\n  void G() {\n" + "    x();\n" * 60 + "  }\n};\n")
        self.assertEqual(self.found("length"), [("exporter/web/f.cc", 3), ("exporter/web/g.cc", 4),
                                                ("exporter/web/long.cc", 501)])

    def test_many_short_functions_are_fine(self):
        self.write("exporter/web/f.cc", "void F() {\n  if (a) {\n    b();\n  }\n}\n\n" * 70)
        self.assertEqual(self.found("length"), [])

    def test_badly_formatted_code_is_found(self):
        if lint.clang_format() is None:
            self.skipTest("no clang-format 16")
        self.write(".clang-format", "BasedOnStyle: Google\n")
        self.write("exporter/web/f.cc", "int   x;\n")
        self.write("exporter/web/g.cc", "int x;\n")
        self.assertEqual(self.found("format"), [("exporter/web/f.cc", 1)])

    def test_package_with_a_service_is_found(self):
        self.write("scripts/packages.txt", "[build]\nprometheus-cpp-dev\nlibcurl4-openssl-dev | nginx\n")
        self.assertEqual(self.found("packages"), [("scripts/packages.txt", 3)])


if __name__ == "__main__":
    unittest.main()
