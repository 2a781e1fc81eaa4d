// The checkpoint: everything comes back, and nothing that is damaged harms.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "collect/nginx/log_checkpoint.h"

namespace aiops {
namespace {

constexpr Time kNow = FromUnixMillis(1'700'000'040'000);

// Slots with everything in them: exact sets and sketches, times, sites.
LogBins Bins(int clients) {
  LogBins bins(minutes(1));
  std::mt19937_64 random(1);
  LogEntry entry;
  entry.client = "known";
  for (int i = 0; i < clients; ++i) {
    entry.time = kNow + seconds(i % 3);
    entry.status = i % 4 == 0 ? 503 : 200;
    entry.bytes = random() % 5000;
    entry.bytes_in = random() % 500;
    entry.request_seconds = static_cast<double>(random() % 10'000) / 1000;
    entry.upstream_seconds = entry.request_seconds / 2;
    const std::uint64_t hash = random();
    bins.Add(entry, hash, kNow);
    bins.AddToSite(static_cast<SiteId>(i % 3), entry, hash);
  }
  return bins;
}

LogCheckpoint Full() {
  LogCheckpoint out;
  out.key = {1, ~0ull};
  out.fields_seen = 5;
  out.closed = kNow;
  out.sites_from = kNow - hours(1);
  out.sites = {{0, {"other", kNow, kNow}}, {1, {"shop.example", kNow - hours(1), kNow}}};
  out.logs["/var/log/x"] = {{}};
  ContainerPlace place{"web", {1'700'000'040'123'456'789, 3, ~0ull}, true, kNow};
  out.containers = {kNow, {{"abc", place}}, {{"web", "combined none 0 -,-"}}};
  ErrorRun run;
  run.count = 3;
  run.recent = {kNow};
  run.path = "/x";
  out.error_runs = {{"shop", run}};
  return out;
}

std::string Text(const LogCheckpoint& checkpoint, const LogBins& bins) {
  return Serialize(checkpoint, bins.slots().begin(), bins.slots().end());
}

TEST(NginxCheckpoint, BringsEverythingBack) {
  for (const int clients : {0, 1, 30, 9000}) {
    const LogBins bins = Bins(clients);
    const std::string text = Text(Full(), bins);
    auto parsed = ParseLogCheckpoint(text);
    ASSERT_TRUE(parsed) << parsed.error().message;
    EXPECT_EQ(parsed->slots.size(), bins.slots().size());
    EXPECT_EQ(parsed->sites_from, Full().sites_from);
    EXPECT_EQ(parsed->sites[1].second.name, "shop.example");
    // What was read says the same again.
    const LogBins none(minutes(1));
    EXPECT_EQ(Text(*parsed, none), text);
  }
}

// A quiet site at home: a handful of clients in the seconds that are open at the tick.
TEST(NginxCheckpoint, IsSmallInAUsualMinute) {
  EXPECT_LT(Text(Full(), Bins(12)).size(), 4000u);
  EXPECT_LT(Text(Full(), Bins(200'000)).size(), 400'000u) << "three seconds of an attack";
}

TEST(NginxCheckpoint, ReadsWhatItsFirstVersionWrote) {
  const auto parsed = ParseLogCheckpoint(
      R"({"version":1,"key":[1,2],"fields_seen":6,"closed":1700000040000,"logs":{},)"
      R"("slots":[[1700000041000,3,1,0,300,"AQAAAAAAAAACAAAAAAAAAA"]],"error_runs":[]})");
  ASSERT_TRUE(parsed) << parsed.error().message;
  const Tally& tally = parsed->slots.at(1'700'000'041'000).all;
  EXPECT_EQ(tally.counts.requests, 3u);
  EXPECT_EQ(tally.clients.size(), 2u);
  EXPECT_EQ(tally.times.request.count(), 0u);
}

TEST(NginxCheckpoint, SurvivesEveryDamagedByteAndRefusesEveryCut) {
  const std::string good = Text(Full(), Bins(10));
  for (size_t cut = 0; cut < good.size(); ++cut) {
    EXPECT_FALSE(ParseLogCheckpoint(good.substr(0, cut))) << cut;
  }
  for (size_t at = 0; at < good.size(); ++at) {
    for (const char byte : {'\0', '9', '-', '"', ',', ']', '~', '\xff', '\x01'}) {
      std::string bad = good;
      bad[at] = byte == '\x01' ? static_cast<char>(bad[at] ^ 1) : byte;
      auto parsed = ParseLogCheckpoint(bad);  // some changes are harmless
      if (!parsed) {
        EXPECT_EQ(parsed.error().kind, ErrorKind::kCorruption);
        continue;
      }
      LogBins bins(minutes(1));
      for (auto& [end, slot] : parsed->slots) bins.PutSlot(end, std::move(slot));
      (void)bins.Clients(kNow + minutes(1));
      (void)bins.Times(kNow, kNow + minutes(1)).request.Quantile(0.5);
    }
  }
}

TEST(NginxCheckpoint, RefusesWhatCannotBe) {
  const std::string good = Text(Full(), Bins(3));
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string bad = good;
    const size_t at = bad.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return bad.replace(at, from.size(), to);
  };
  EXPECT_TRUE(ParseLogCheckpoint(good));
  EXPECT_FALSE(ParseLogCheckpoint(with("\"version\":2", "\"version\":3")));
  EXPECT_FALSE(ParseLogCheckpoint(with("[1,\"shop.example\"", "[257,\"shop.example\"")));
  EXPECT_FALSE(ParseLogCheckpoint(with("[1,\"shop.example\"", "[-1,\"shop.example\"")));
  EXPECT_FALSE(ParseLogCheckpoint(with("1700000042000", "1700000041000"))) << "two of one second";
}

}  // namespace
}  // namespace aiops
