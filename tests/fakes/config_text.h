// TestConfig: a document from YAML text, for tests of whatever reads a Section.
//
//   TestConfig config("collect: {nginx: {logs: [/var/log/nginx/access.log]}}");
//   auto collector = kNginxLogCollector.make(config.At("collect.nginx"), context);
//   EXPECT_EQ(config.Problems(), "");
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "config/section.h"

namespace aiops {

class TestConfig {
 public:
  explicit TestConfig(std::string yaml, std::map<std::string, std::string> env = {})
      : document_(Sources{
            .file = "aiops.yml", .text = std::move(yaml), .env = std::move(env), .flags = {}}) {}

  Section Root() { return document_.Root(); }

  // The section at a dotted path.
  Section At(std::string_view path) {
    Section section = Root();
    while (!path.empty()) {
      const auto dot = path.find('.');
      section = section.Child(path.substr(0, dot));
      path.remove_prefix(dot == std::string_view::npos ? path.size() : dot + 1);
    }
    return section;
  }

  // All problems so far, one a line; unknown keys of the sections that were read, too.
  std::string Problems() {
    document_.Finish();
    return Lines(document_.problems());
  }
  std::string Warnings() {
    document_.Finish();
    return Lines(document_.warnings());
  }

  Document& document() { return document_; }

 private:
  static std::string Lines(const std::vector<Problem>& problems) {
    std::string text;
    for (const auto& problem : problems) text += ToString(problem) + "\n";
    return text;
  }

  Document document_;
};

}  // namespace aiops
