#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "collect/prometheus/options.h"

namespace aiops::prom {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct Read {
  Options options;
  std::vector<std::string> problems;
};

Read From(const std::string& yaml) {
  Document document({.file = "aiops.yml", .text = yaml});
  Read out{ReadOptions(document.Root()), {}};
  document.Finish();
  for (const auto& problem : document.problems()) out.problems.push_back(ToString(problem));
  return out;
}

TEST(PrometheusOptions, Defaults) {
  const auto [options, problems] = From("");
  EXPECT_THAT(problems, IsEmpty());
  EXPECT_EQ(options.endpoint.base_url, "");
  EXPECT_EQ(options.window, minutes(1));
  EXPECT_EQ(options.query_offset, seconds(0));
  EXPECT_EQ(options.max_series, 20'000u);
  EXPECT_EQ(options.max_body_bytes, 16u << 20);
  EXPECT_TRUE(options.facts.targets_down);
  EXPECT_FALSE(options.facts.filesystems);
}

TEST(PrometheusOptions, WindowIsAtLeastASecond) {
  EXPECT_EQ(From("scrape_interval: 250ms").options.window, seconds(1));
  EXPECT_EQ(From("scrape_interval: 1m").options.window, minutes(4));
}

TEST(PrometheusOptions, TokenFileIsNamedNotRead) {
  const auto path =
      std::filesystem::temp_directory_path() / ("aiops-token-" + std::to_string(::getpid()));
  std::ofstream(path) << "s3cr3t\n";
  const auto [options, problems] = From("bearer_token_file: " + path.string());
  std::filesystem::remove(path);
  EXPECT_THAT(problems, IsEmpty());
  EXPECT_EQ(options.endpoint.bearer_token_file, path.string());
  EXPECT_TRUE(options.endpoint.bearer_token.empty());
}

TEST(PrometheusOptions, WrongUrlIsAProblem) {
  for (const char* url : {"localhost:9090", "ftp://host", "'http://host/?a=b'", "'http://ho st'"})
    EXPECT_THAT(From(std::string("url: ") + url).problems, ElementsAre(HasSubstr("url"))) << url;
}

TEST(PrometheusOptions, ContradictionsAreProblems) {
  EXPECT_THAT(From("{bearer_token: t, basic_auth: {username: u, password: p}}").problems,
              ElementsAre(HasSubstr("bearer_token")));
  EXPECT_THAT(From("tls: {cert_file: /c.pem}").problems, ElementsAre(HasSubstr("cert_file")));
}

}  // namespace
}  // namespace aiops::prom
