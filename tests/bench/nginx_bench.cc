// How fast access logs are read: lines and bytes per CPU second. Beside our parser a floor, which
// only looks for the ends of the lines, and regular expressions, which only cut the fields out:
// neither makes a time or a number of them, as ours does.
#include <benchmark/benchmark.h>

#include <cstring>
#include <random>
#include <regex>
#include <string>

#include "collect/collector.h"
#include "collect/nginx/line_parser.h"
#include "fakes/config_text.h"
#include "fakes/fake_http_client.h"
#include "fakes/manual_clock.h"
#include "unit/collect/nginx_test_log.h"
#ifdef AIOPS_BENCH_RE2
#include <re2/re2.h>
#endif

namespace aiops {

extern const CollectorDescriptor kNginxLogCollector;

namespace {

constexpr int kLines = 200'000;
const Time kMinute = FromUnixMillis(1'700'000'040'000);  // the interval that ends here
constexpr char kCombined[] =
    R"re((\S+) - (\S+) \[([^\]]*)\] "([^"]*)" (\d{3}) (\d+|-) "([^"]*)" "([^"]*)")re";

std::string Line(std::mt19937& random, int i) {
  static constexpr const char* kAgents[] = {
      "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
      "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15", "curl/7.88.1",
      "Prometheus/2.42.0"};
  const auto pick = [&](unsigned n) { return std::to_string(random() % n); };
  std::string line =
      AccessLine(kMinute - seconds(59) + milliseconds(59'000LL * i / kLines),
                 random() % 20 == 0 ? 404 : 200, static_cast<int>(random() % 50'000),
                 "192.0." + pick(16) + "." + pick(256), "/shop/item/" + pick(10'000) + "?ref=home");
  line.resize(line.rfind("\"-\""));
  return line + "\"https://example.org/shop/" + pick(100) + "\" \"" + kAgents[random() % 4] +
         "\"\n";
}

// A busy minute of format combined.
const std::string& Log() {
  static const std::string log = [] {
    std::mt19937 random(1);
    std::string text;
    for (int i = 0; i < kLines; ++i) text += Line(random, i);
    return text;
  }();
  return log;
}

template <class Visit>
void EachLine(const std::string& log, Visit visit) {
  const char* at = log.data();
  const char* const end = at + log.size();
  while (at < end) {
    const auto* newline = static_cast<const char*>(std::memchr(at, '\n', end - at));
    visit(std::string_view(at, newline - at));
    at = newline + 1;
  }
}

void Account(benchmark::State& state, size_t good) {
  if (good != kLines) state.SkipWithError("not every line was understood");
  state.SetItemsProcessed(state.iterations() * kLines);
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(Log().size()));
}

// `understand` says of a line whether it has the format.
template <class Understand>
void Read(benchmark::State& state, Understand understand) {
  size_t good = 0;
  for (auto _ : state) {
    good = 0;
    EachLine(Log(), [&](std::string_view line) { good += understand(line) ? 1 : 0; });
  }
  Account(state, good);
}

void FindLineEnds(benchmark::State& state) {
  Read(state, [](std::string_view line) { return !line.empty(); });
}
BENCHMARK(FindLineEnds)->Unit(benchmark::kMillisecond);

void ParseCombined(benchmark::State& state) {
  const auto parser = *MakeLineParser("combined", {});
  LogEntry entry;
  Read(state, [&](std::string_view line) {
    const bool good = parser->Parse(line, entry) == LineFault::kNone;
    benchmark::DoNotOptimize(entry);
    return good;
  });
}
BENCHMARK(ParseCombined)->Unit(benchmark::kMillisecond);

// All of it: file, lines, fields, bins, distinct clients, features, checkpoint.
void CollectMinute(benchmark::State& state) {
  TestLogFolder folder;
  folder.Append(Log());
  FakeHttpClient http(
      [](const auto&, const auto&) -> Result<HttpResponse> { return NotFound(""); });
  ManualClock clock(kMinute + seconds(6));
  std::vector<WantedFeature> features;
  for (const char* name : {"request_rate", "error_rate_4xx", "unique_ips_per_min"})
    features.push_back({{0, static_cast<unsigned>(features.size())}, name, {}});
  TestConfig config("collect: {nginx: {start: beginning, logs: ['" + folder.Path() + "']}}");
  double rate = 0;
  for (auto _ : state) {
    const auto collector = kNginxLogCollector.make(config.At("collect.nginx"),
                                                   {clock, http, minutes(1), features, {}});
    const auto got = collector->Collect({kMinute - minutes(1), kMinute, kMinute + seconds(60)}, {});
    rate = got && !got->readings.empty() ? got->readings.front().value : 0;
  }
  Account(state, static_cast<size_t>(rate * 60 + 0.5));
}
BENCHMARK(CollectMinute)->Unit(benchmark::kMillisecond);

void MatchStdRegex(benchmark::State& state) {
  const std::regex combined(kCombined, std::regex::optimize);
  std::cmatch fields;
  Read(state, [&](std::string_view line) {
    return std::regex_match(line.data(), line.data() + line.size(), fields, combined);
  });
}
BENCHMARK(MatchStdRegex)->Unit(benchmark::kMillisecond);

#ifdef AIOPS_BENCH_RE2
void MatchRe2(benchmark::State& state) {
  const re2::RE2 combined(kCombined);
  re2::StringPiece f[8];
  Read(state, [&](std::string_view line) {
    return re2::RE2::FullMatch({line.data(), line.size()}, combined, &f[0], &f[1], &f[2], &f[3],
                               &f[4], &f[5], &f[6], &f[7]);
  });
}
BENCHMARK(MatchRe2)->Unit(benchmark::kMillisecond);
#endif

}  // namespace
}  // namespace aiops
