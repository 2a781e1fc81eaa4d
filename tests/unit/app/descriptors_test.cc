// The contract of every plug-in, over all descriptors: whoever adds one adds a line to the table.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "analyze/analyzer.h"
#include "collect/collector.h"
#include "fakes/config_text.h"
#include "fakes/fake_http_client.h"
#include "fakes/manual_clock.h"
#include "notify/notifier.h"

namespace aiops {
namespace {

constexpr const char* kSecret = "s3cret-of-the-test";

// What makes each plug-in run, with a secret wherever it takes one.
const std::map<std::string, std::string> kOptions{
    {"docker", "socket: tcp://engine.invalid:2375"},
    {"host", "procfs: /nonexistent"},
    {"nginx_log", "logs: [/nonexistent/access.log]"},
    {"prometheus",
     "url: 'http://prometheus.invalid', headers: {X-Key: s3cret-of-the-test}, basic_auth: "
     "{username: ann, password: s3cret-of-the-test}"},
    {"alertmanager",
     "urls: ['http://am.invalid'], headers: {X-Key: s3cret-of-the-test}, bearer_token: "
     "s3cret-of-the-test"},
    {"telegram", "bot_token: '12345:s3cret-of-the-test__', chat_id: '42'"},
    {"template", ""},
};

// A feature that each collector knows.
const std::map<std::string, std::string> kFeatures{{"docker", "container_count_unhealthy"},
                                                   {"host", "cpu_percent"},
                                                   {"nginx_log", "request_rate"},
                                                   {"prometheus", "vector(1)"}};

std::string Yaml(const std::string& group, const std::string& section, const std::string& name,
                 const std::string& more = "") {
  const auto options = kOptions.find(name);
  EXPECT_NE(options, kOptions.end()) << name << " has no line in the table of this test";
  const std::string body = options == kOptions.end() ? "" : options->second;
  const std::string joint = body.empty() || more.empty() ? "" : ", ";
  return group + ": {" + section + ": {" + body + joint + more + "}}";
}

void ExpectWellNamed(const std::string& name, const std::string& help) {
  EXPECT_THAT(name, ::testing::MatchesRegex("[a-z][a-z0-9_]*"));
  ASSERT_FALSE(help.empty()) << name;
  EXPECT_EQ(help.back(), '.') << name;
}

// Repeats what it is sent, secrets in it, as some proxies do.
FakeHttpClient Echo(int status) {
  return FakeHttpClient([status](const HttpEndpoint& endpoint, const HttpRequest&) {
    std::string body = endpoint.basic_password.Reveal() + endpoint.bearer_token.Reveal() +
                       endpoint.secret_path.Reveal();
    for (const auto& [name, value] : endpoint.headers) body += value.Reveal();
    return Result<HttpResponse>(HttpResponse{.status = status, .body = body});
  });
}

class Contract : public ::testing::Test {
 protected:
  std::unique_ptr<Collector> Make(const CollectorDescriptor& descriptor, HttpClient& http,
                                  const std::string& more = "") {
    config_ =
        std::make_unique<TestConfig>(Yaml("collect", descriptor.section, descriptor.name, more));
    CollectorContext context{clock_, http, minutes(1), {}, {}};
    context.features.push_back({{0, 0}, kFeatures.at(descriptor.name), {}, "feature"});
    return descriptor.make(config_->Root().Child("collect").Child(descriptor.section),
                           std::move(context));
  }
  // Its deadline is near: nobody waits for what comes late, on a clock that stands still.
  Tick Now() const {
    const Time end = clock_.Now() - seconds(10);
    return {end - minutes(1), end, end + seconds(10)};
  }

  ManualClock clock_;
  std::unique_ptr<TestConfig> config_;
};

TEST_F(Contract, CollectorsAreNamedAndMadeAndRefuseWhatTheyDoNotKnow) {
  auto http = Echo(500);
  for (const auto* descriptor : AllCollectors()) {
    ExpectWellNamed(descriptor->name, descriptor->help);
    for (const auto& fact : descriptor->facts) ExpectWellNamed(fact.name, fact.help);
    EXPECT_NE(Make(*descriptor, http), nullptr) << descriptor->name;
    EXPECT_EQ(config_->Problems(), "") << descriptor->name;
    Make(*descriptor, http, "no_such_key: 1");
    EXPECT_THAT(config_->Problems(), ::testing::HasSubstr("no_such_key")) << descriptor->name;
  }
}

TEST_F(Contract, NoCollectorTellsASecret) {
  for (const int status : {400, 401, 403, 404, 500}) {
    auto http = Echo(status);
    for (const auto* descriptor : AllCollectors()) {
      const auto collected = Make(*descriptor, http)->Collect(Now(), {});
      std::string said = collected ? "" : collected.error().message;
      if (collected)
        for (const auto& note : collected->notes) said += note;
      EXPECT_THAT(said, ::testing::Not(::testing::HasSubstr(kSecret))) << descriptor->name;
    }
  }
}

TEST_F(Contract, AStoppedCollectorComesBackAtOnce) {
  auto http = Echo(200);
  std::stop_source stop;
  stop.request_stop();
  for (const auto* descriptor : AllCollectors()) {
    const auto collector = Make(*descriptor, http);
    collector->Advance(clock_.Now() + hours(1), stop.get_token());
    (void)collector->Collect(Now(), stop.get_token());
  }
  // On a clock that stands still, whoever waits for it never gets here.
}

TEST_F(Contract, ABrokenCheckpointIsAnErrorNotACrash) {
  auto http = Echo(200);
  for (const auto* descriptor : AllCollectors()) {
    const auto collector = Make(*descriptor, http);
    for (const std::string& junk :
         {std::string("\0\xff{", 3), std::string("{\"v\":"), std::string(10000, '[')}) {
      if (const auto restored = collector->Restore(junk); !restored) {
        EXPECT_EQ(restored.error().kind, ErrorKind::kCorruption) << descriptor->name;
      }
    }
  }
}

TEST_F(Contract, NotifiersKeepSecretsAndLetTheStatusDecideAboutARetry) {
  const std::map<int, bool> retried{
      {401, false}, {404, false}, {429, true}, {500, true}, {503, true}};
  for (const auto& [status, retry] : retried) {
    auto http = Echo(status);
    for (const auto* descriptor : AllNotifiers()) {
      ExpectWellNamed(descriptor->name, descriptor->help);
      TestConfig config(Yaml("notify", descriptor->name, descriptor->name));
      auto made = descriptor->make(config.At(std::string("notify.") + descriptor->name),
                                   {clock_, http, "", {}, *TimeZone::Open("UTC")});
      EXPECT_EQ(config.Problems(), "") << descriptor->name;
      ASSERT_FALSE(made.empty()) << descriptor->name;
      const auto sent = made[0]->Send({"key", {Anomaly{}}, clock_.Now()}, {});
      ASSERT_FALSE(sent) << descriptor->name;
      EXPECT_EQ(Retryable(sent.error().kind), retry) << descriptor->name << " " << status;
      EXPECT_THAT(sent.error().message + made[0]->name(),
                  ::testing::Not(::testing::HasSubstr(kSecret)));
    }
  }
}

TEST_F(Contract, AnalyzersAreNamedAndMade) {
  auto http = Echo(500);
  for (const auto* descriptor : AllAnalyzers()) {
    ExpectWellNamed(descriptor->name, descriptor->help);
    TestConfig config(Yaml("analyze", descriptor->name, descriptor->name));
    EXPECT_NE(descriptor->make(config.At(std::string("analyze.") + descriptor->name), http),
              nullptr);
  }
}

}  // namespace
}  // namespace aiops
