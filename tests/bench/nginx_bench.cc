// How fast access logs are read: lines and bytes per CPU second. Beside our parser a floor, which
// only looks for the ends of the lines, and regular expressions, which only cut the fields out:
// neither makes a time or a number of them, as ours does.
#include <benchmark/benchmark.h>
#include <sys/resource.h>

#include <cstring>
#include <random>
#include <regex>
#include <string>

#include "collect/collector.h"
#include "collect/nginx/line_parser.h"
#include "collect/nginx/log_checkpoint.h"
#include "collect/nginx/log_evidence.h"
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

// All of it: file, lines, fields, bins, distinct clients, evidence, features, checkpoint.
class Collecting {
 public:
  explicit Collecting(const std::string& more = "")
      : config_("collect: {nginx: {start: beginning, logs: ['" + folder_.Path() + "']" + more +
                "}}") {
    for (const char* name : {"request_rate", "error_rate_4xx", "unique_ips_per_min"})
      features_.push_back({{0, static_cast<unsigned>(features_.size())}, name, {}});
  }

  void Append(const std::string& text) { folder_.Append(text); }

  // Requests of the minute.
  double Run() {
    const auto collector = kNginxLogCollector.make(config_.At("collect.nginx"),
                                                   {clock_, http_, minutes(1), features_, {}});
    const auto got = collector->Collect({kMinute - minutes(1), kMinute, kMinute + seconds(60)}, {});
    if (!got || got->readings.empty()) return 0;
    checkpoint_bytes_ = got->checkpoint->size();
    clients_ = got->readings.back().value;
    return got->readings.front().value * 60;
  }
  double checkpoint_bytes() const { return static_cast<double>(checkpoint_bytes_); }
  double clients() const { return clients_; }

 private:
  TestLogFolder folder_;
  FakeHttpClient http_{
      [](const auto&, const auto&) -> Result<HttpResponse> { return NotFound(""); }};
  ManualClock clock_{kMinute + seconds(6)};
  std::vector<WantedFeature> features_;
  TestConfig config_;
  size_t checkpoint_bytes_ = 0;
  double clients_ = 0;
};

void CollectMinute(benchmark::State& state) {
  Collecting collecting;
  collecting.Append(Log());
  double requests = 0;
  for (auto _ : state) requests = collecting.Run();
  Account(state, static_cast<size_t>(requests + 0.5));
}
BENCHMARK(CollectMinute)->Unit(benchmark::kMillisecond);

// What of it goes into evidence, with user agents and times.
void CountEvidence(benchmark::State& state) {
  std::mt19937 random(1);
  std::vector<std::string> clients, paths;
  for (int i = 0; i < 4096; ++i) {
    clients.push_back("192.0." + std::to_string(random() % 16) + "." +
                      std::to_string(random() % 256));
    paths.push_back("/shop/item/" + std::to_string(random() % 10'000));
  }
  LogEntry entry;
  entry.status = 200;
  entry.method = "GET";
  entry.user_agent = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15";
  for (auto _ : state) {
    LogEvidence evidence;
    for (size_t i = 0; i < kLines; ++i) {
      entry.time = kMinute - seconds(59) + milliseconds(59'000 * i / kLines);
      entry.client = clients[i % clients.size()];
      entry.path = paths[i % paths.size()];
      entry.request_seconds = static_cast<double>(i % 997) / 1000;
      evidence.Add(entry, kMinute);
    }
    benchmark::DoNotOptimize(evidence);
  }
  state.SetItemsProcessed(state.iterations() * kLines);
}
BENCHMARK(CountEvidence)->Unit(benchmark::kMillisecond);

double PeakRssMb() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

// Two million lines, each with a client, a path and a user agent of its own, of one minute or of a
// week. The peak is that of the process: run this alone.
void CollectSpoofed(benchmark::State& state) {
  constexpr int kSpoofed = 2'000'000;
  const Duration span = state.range(0) != 0 ? hours(24 * 7) - minutes(2) : Duration(seconds(59));
  Collecting collecting;
  {
    std::mt19937_64 random(1);
    for (int i = 0; i < kSpoofed; i += 1000) {
      std::string text;
      for (int k = i; k < i + 1000; ++k) {
        std::string line = AccessLine(
            kMinute - seconds(1) - span + Duration(span.count() * k / kSpoofed), 200, 1,
            "2001:db8:" + std::to_string(random() % 9999) + "::" + std::to_string(random() % 9999) +
                ":" + std::to_string(random() % 9999),
            "/" + std::to_string(random()) + "-x/" + std::to_string(random()));
        text += line;
      }
      collecting.Append(text);
    }
  }
  const double before = PeakRssMb();
  for (auto _ : state) benchmark::DoNotOptimize(collecting.Run());
  state.SetItemsProcessed(state.iterations() * kSpoofed);
  state.counters["peak_rss_mb"] = PeakRssMb();
  state.counters["rss_before_mb"] = before;
  state.counters["checkpoint_bytes"] = collecting.checkpoint_bytes();
  state.counters["clients"] = collecting.clients();
}
BENCHMARK(CollectSpoofed)->ArgName("week")->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond);

// The checkpoint of a tick that did not come to the end of such a week, with request times.
void SerializeSpoofedWeek(benchmark::State& state) {
  std::mt19937_64 random(1);
  LogBins bins(minutes(1));
  LogEntry entry;
  entry.client = "spoofed";
  entry.status = 200;
  for (int i = 0; i < 2'000'000; ++i) {
    entry.time = kMinute - hours(24 * 7) + minutes(1 + i % 10'000);
    entry.request_seconds = static_cast<double>(random() % 60'000) / 1000;
    bins.Add(entry, random(), kMinute);
  }
  size_t bytes = 0;
  for (auto _ : state) bytes = Serialize({}, bins.slots().begin(), bins.slots().end()).size();
  state.counters["checkpoint_bytes"] = static_cast<double>(bytes);
  state.counters["sketch_bytes"] = static_cast<double>(bins.sketch_bytes());
  state.counters["peak_rss_mb"] = PeakRssMb();
}
BENCHMARK(SerializeSpoofedWeek)->Unit(benchmark::kMillisecond);

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
