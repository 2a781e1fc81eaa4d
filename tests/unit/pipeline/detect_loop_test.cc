#include "pipeline/detect_loop.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <thread>

#include "pipeline_testing.h"

namespace aiops {
namespace {

using ::testing::HasSubstr;

// Answers from a script; blocks while it is told to, deaf to a deadline as a stuck source is.
struct Script {
  std::mutex mutex;
  std::condition_variable_any changed;
  std::vector<double> values = {1, 1, 1};  // empty: nobody answers
  bool blocked = false;
  int begun = 0;

  void Block(bool on) {
    std::lock_guard lock(mutex);
    blocked = on;
    changed.notify_all();
  }
};

class ScriptedCollector final : public Collector {
 public:
  explicit ScriptedCollector(Script& script) : script_(script) {}
  Result<Collected> Collect(const Tick&, std::stop_token stop) override {
    std::unique_lock lock(script_.mutex);
    ++script_.begun;
    script_.changed.notify_all();
    script_.changed.wait(lock, stop, [&] { return !script_.blocked; });
    if (script_.values.empty()) return Unavailable("nobody answers");
    return Readings(script_.values);
  }

 private:
  Script& script_;
};

class DetectLoopTest : public ::testing::Test {
 protected:
  explicit DetectLoopTest(LoopOptions options = {})
      : loop_(config_, clock_, engine_, delivery_, commands_, cell_, std::move(options)) {
    commands_.SetListener([this] { loop_.Wake(); });
    engine_.Restore(clock_.Now());
    runner_.Start("");
    loop_.Start({&runner_});
  }
  ~DetectLoopTest() override {
    runner_.RequestStop();
    loop_.Stop();
  }

  std::shared_ptr<const View> See(const std::function<bool(const View&)>& what) {
    const auto until = std::chrono::steady_clock::now() + seconds(10);
    auto view = cell_.Get();
    while (!what(*view) && std::chrono::steady_clock::now() < until) {
      std::this_thread::yield();
      view = cell_.Get();
    }
    EXPECT_TRUE(what(*view));
    return view;
  }
  std::shared_ptr<const View> SeeRounds(std::uint64_t count) {
    return See([&](const View& v) { return v.rounds_total >= count; });
  }
  void SeeQuiet(int minutes_of_it) {
    for (int m = 1; m <= minutes_of_it; ++m) {
      {
        std::lock_guard lock(script_.mutex);
        script_.values = QuietValues(m);
      }
      clock_.Set(kStart + minutes(m));
      SeeRounds(static_cast<std::uint64_t>(m));
    }
  }
  CommandResult Ask(Command command) {
    auto future = commands_.Push(std::move(command));
    if (future.wait_for(seconds(10)) != std::future_status::ready) return {0, "no answer"};
    return future.get();
  }
  void AwaitCollections(int count) {
    std::unique_lock lock(script_.mutex);
    EXPECT_TRUE(
        script_.changed.wait_for(lock, seconds(10), [&] { return script_.begun >= count; }));
  }

  static EngineOptions OneCollector() {
    EngineOptions options;
    options.collectors = {{"scripted", {}}};
    return options;
  }

  ManualClock clock_{kStart + seconds(30)};
  Script script_;
  Config config_ = SmallConfig();
  std::unique_ptr<Store> store_ = MemoryStore(clock_);
  Delivery delivery_{{}, *store_, clock_};
  Engine engine_{config_, *store_, OneCollector(),
                 [this](std::vector<Anomaly> told) { delivery_.Publish(std::move(told)); }};
  CommandQueue commands_;
  ViewCell cell_;
  DetectLoop loop_;
  CollectorRunner runner_{0, CollectorDescriptor{.name = "scripted", .help = "A script."},
                          std::make_unique<ScriptedCollector>(script_), clock_,
                          [this](Answer answer) { loop_.OnAnswer(std::move(answer)); }};
};

TEST_F(DetectLoopTest, EachTickGathersItsAnswersAndJudges) {
  clock_.Set(kStart + minutes(1));
  auto view = SeeRounds(1);
  ASSERT_EQ(view->entities.size(), 1u);
  EXPECT_EQ(view->entities[0].judged_at, kStart + minutes(1));
  EXPECT_TRUE(view->collectors.at(0).up);
  clock_.Set(kStart + minutes(2));
  view = SeeRounds(2);
  EXPECT_EQ(view->entities[0].judged_at, kStart + minutes(2));
  EXPECT_EQ(view->jobs.at(0).last_result, "1 of 1 collectors answered");
}

TEST_F(DetectLoopTest, ARunAnswersWithVerdictsAndNotAgainAtOnce) {
  const CommandResult run = Ask({RunCommand{}, "test"});
  ASSERT_EQ(run.status, 200) << run.json;
  const auto body = nlohmann::json::parse(run.json);
  EXPECT_EQ(body["verdict"], "unknown");
  ASSERT_EQ(body["judged"].size(), 1u);
  EXPECT_EQ(body["judged"][0]["entity"], "nas");
  EXPECT_EQ(body["judged"][0]["gate"], "warmup");
  EXPECT_TRUE(body["judged"][0]["score"].is_null());
  EXPECT_EQ(Ask({RunCommand{}, "test"}).status, 429);
  clock_.Advance(seconds(5));
  EXPECT_EQ(Ask({RunCommand{}, "test"}).status, 200);
  clock_.Set(kStart + minutes(1));  // the regular tick comes as if nothing had been
  EXPECT_EQ(SeeRounds(3)->entities.at(0).judged_at, kStart + minutes(1));
}

TEST_F(DetectLoopTest, ARunThatIsUnderWayRefusesAnother) {
  script_.Block(true);
  auto first = commands_.Push({RunCommand{}, "test"});
  AwaitCollections(1);
  EXPECT_EQ(Ask({RunCommand{}, "test"}).status, 409);
  script_.Block(false);
  ASSERT_EQ(first.wait_for(seconds(10)), std::future_status::ready);
  EXPECT_EQ(first.get().status, 200);
}

TEST_F(DetectLoopTest, ARunEndsAtItsDeadlineWhateverTheClockDoes) {
  script_.Block(true);
  auto run = commands_.Push({RunCommand{}, "test"});
  AwaitCollections(1);
  clock_.Set(kStart - hours(1));
  loop_.Wake();
  ASSERT_EQ(run.wait_for(seconds(10)), std::future_status::ready);
  EXPECT_EQ(run.get().status, 503);
  script_.Block(false);
}

TEST_F(DetectLoopTest, AFailureIsNoAnswer) {
  {
    std::lock_guard lock(script_.mutex);
    script_.values.clear();
  }
  clock_.Set(kStart + minutes(1));
  EXPECT_EQ(SeeRounds(1)->jobs.at(0).last_result, "0 of 1 collectors answered");
}

TEST_F(DetectLoopTest, ALateAnswerIsCountedAndDropped) {
  script_.Block(true);
  clock_.Set(kStart + minutes(1));
  AwaitCollections(1);
  clock_.Advance(seconds(10));
  auto view = SeeRounds(1);
  EXPECT_EQ(view->entities.at(0).score.coverage, 0);
  EXPECT_EQ(view->jobs.at(0).last_result, "0 of 1 collectors answered");
  EXPECT_FALSE(view->collectors.at(0).up);
  EXPECT_EQ(view->collectors.at(0).error, "no answer before the deadline");
  EXPECT_EQ(view->collectors.at(0).failures.at("timeout"), 1u);
  script_.Block(false);
  view = See([](const View& v) { return v.collectors.at(0).late == 1; });
  EXPECT_EQ(view->rounds_total, 1u);
  EXPECT_FALSE(view->collectors.at(0).up);  // too late is not up
  clock_.Set(kStart + minutes(2));
  view = SeeRounds(2);
  EXPECT_EQ(view->entities.at(0).score.coverage, 1);
  EXPECT_TRUE(view->collectors.at(0).up);
}

TEST_F(DetectLoopTest, AClockThatIsSetBackPlansTheTrainingAnew) {
  clock_.Set(kStart + minutes(1));
  SeeRounds(1);
  clock_.Step(hours(24 * 20));
  clock_.Advance(minutes(2));
  SeeRounds(2);
  const auto later = cell_.Get()->jobs.at(2).next_run;
  clock_.Step(-hours(24 * 20));
  clock_.Advance(minutes(2));
  const auto view = See([&](const View& v) { return v.jobs.at(2).next_run < later; });
  EXPECT_LT(*view->jobs.at(2).next_run, clock_.Now() + hours(24 * 7));
  clock_.Advance(minutes(2));
  SeeRounds(3);
}

TEST_F(DetectLoopTest, ARoundThatWasMissedComesWithTheNextTick) {
  config_.detect.interval = minutes(5);
  clock_.Set(kStart + minutes(1));  // a multiple of five minutes since the epoch
  SeeRounds(1);
  clock_.Set(kStart + minutes(7));  // asleep at the next boundary
  See([](const View& v) { return v.jobs.at(0).next_run == kStart + minutes(8); });
  clock_.Set(kStart + minutes(8));
  EXPECT_EQ(SeeRounds(2)->rounds_total, 2u);
}

int g_reads = 0;
int g_swaps = 0;

class ReloadTest : public DetectLoopTest {
 protected:
  ReloadTest()
      : DetectLoopTest({.reload =
                            [] {
                              ++g_reads;
                              return Result<void>();
                            },
                        .swap = [] { ++g_swaps; }}) {
    g_reads = g_swaps = 0;
  }
};

TEST_F(ReloadTest, AGoodConfigurationComesInForceWhenTheTickIsStored) {
  const CommandResult accepted = Ask({ReloadCommand{}, "test"});
  EXPECT_EQ(accepted.status, 200);
  const auto body = nlohmann::json::parse(accepted.json);
  EXPECT_EQ(body["status"], "accepted");
  EXPECT_EQ(body["in_force_at"], FormatTime(kStart + minutes(1)));
  EXPECT_EQ(g_reads, 1);
  EXPECT_EQ(g_swaps, 0);
  clock_.Set(kStart + minutes(1));
  SeeRounds(1);
  loop_.Stop();
  EXPECT_EQ(g_swaps, 1);
}

class SwappedLoopTest : public DetectLoopTest {
 protected:
  SwappedLoopTest() : DetectLoopTest({.last_round = kStart - minutes(4)}) {}
};

TEST_F(SwappedLoopTest, AReloadDoesNotForgetThatARoundWasRun) {
  EXPECT_EQ(cell_.Get()->last_round, kStart - minutes(4));
  clock_.Set(kStart + minutes(1));
  EXPECT_EQ(SeeRounds(1)->last_round, kStart + minutes(1));
}

TEST_F(DetectLoopTest, CommandsThatCannotBeDoneSayWhy) {
  const CommandResult train = Ask({TrainCommand{}, "test"});
  EXPECT_EQ(train.status, 409);
  EXPECT_EQ(nlohmann::json::parse(train.json)["needed"], 30);
  EXPECT_THAT(train.json, HasSubstr("those of windows, mutes and incidents marked as real"));
  EXPECT_EQ(Ask({ReloadCommand{}, "test"}).status, 409);
  EXPECT_EQ(Ask({AcknowledgeCommand{7, "known"}, "test"}).status, 404);
}

TEST_F(DetectLoopTest, EveryCommandIsInTheAuditTrail) {
  Ask({RunCommand{}, "ann", "http", "192.0.2.1"});
  Ask({RunCommand{}, "ann", "ctl", "192.0.2.1"});
  Ask({TrainCommand{}, "bob", "http"});
  Ask({AcknowledgeCommand{7, "known"}, "bob", "http"});
  Ask({ReloadCommand{}, "signal", "signal"});
  const auto audit = store_->ReadAudit({}).value();
  ASSERT_EQ(audit.size(), 5u);
  const auto line = [&](size_t i) {
    const AuditEntry& e = audit.at(i);
    return e.action + "|" + e.object + "|" + e.by + "|" + e.via + "|" + e.address + "|" +
           std::to_string(e.status) + "|" + e.result + "|" + e.text;
  };
  EXPECT_EQ(line(4), "run||ann|http|192.0.2.1|200|done: unknown|");
  EXPECT_EQ(line(3),
            "run||ann|ctl|192.0.2.1|429|refused: one run in five seconds; try again in a "
            "few seconds|");
  EXPECT_EQ(audit[2].action + audit[2].by, "trainbob");
  EXPECT_EQ(audit[2].status, 409);
  EXPECT_EQ(line(1),
            "acknowledge|anomaly 7|bob|http||404|refused: there is no anomaly 7; GET "
            "/anomalies lists them|known");
  EXPECT_EQ(audit[0].action + audit[0].via, "reloadsignal");
  EXPECT_EQ(audit[4].time, clock_.Now());
}

TEST_F(DetectLoopTest, ASecondAcknowledgementKeepsTheFirstAndSaysSo) {
  Anomaly closed;
  closed.id = 3;
  closed.key = kWeb;
  closed.state = AnomalyState::kClosed;
  closed.started_at = closed.last_seen_at = kStart;
  ASSERT_TRUE(store_->Commit({.anomalies = {closed}}));
  auto body = nlohmann::json::parse(Ask({AcknowledgeCommand{3, "disk"}, "ann"}).json);
  EXPECT_EQ(body["already_acknowledged"], false);
  EXPECT_EQ(body["acknowledged_by"], "ann");
  clock_.Advance(seconds(1));
  const CommandResult again = Ask({AcknowledgeCommand{3, "mine"}, "bob"});
  EXPECT_EQ(again.status, 200);
  body = nlohmann::json::parse(again.json);
  EXPECT_EQ(body["already_acknowledged"], true);
  EXPECT_EQ(body["acknowledged_by"], "ann");
  EXPECT_EQ(body["acknowledged_why"], "disk");
  EXPECT_EQ(body["acknowledged_at"], FormatTime(kStart + seconds(30)));
  EXPECT_EQ(store_->ReadAnomaly(3).value()->acknowledged_why, "disk");
  const auto audit = store_->ReadAudit({}).value();
  EXPECT_EQ(audit.at(0).text, "mine");
  EXPECT_EQ(audit.at(0).result, "already acknowledged by ann");
  EXPECT_EQ(audit.at(1).text, "disk");
}

TEST_F(DetectLoopTest, HistoryIsTrainedOnAsSoonAsItWasRead) {
  Changes history;
  for (int i = 0; i < 60; ++i)
    history.samples.push_back(
        {kWeb, kStart - minutes(i), SchemaHash(config_.scopes[0]), kBackfill, QuietValues(i)});
  ASSERT_TRUE(store_->Commit(history));
  loop_.OnHistory();
  See([](const View& v) { return !v.entities.empty() && v.entities[0].model.present; });
}

TEST_F(DetectLoopTest, TrainingEndsWithAModel) {
  SeeQuiet(30);
  EXPECT_EQ(Ask({TrainCommand{}, "test"}).status, 202);
  const auto view = See([](const View& v) { return v.entities.at(0).model.present; });
  EXPECT_EQ(view->entities[0].model.rows, 30u);
  EXPECT_EQ(view->jobs.at(2).last_result, "trained on 30 samples");
  EXPECT_EQ(store_->ReadModels({}).value().at(0).why, "command");
}

TEST_F(DetectLoopTest, AModelOfAShorterTimeThanTheOneBeforeSaysSo) {
  Changes history;
  for (int i = 0; i < 60; ++i)
    history.samples.push_back(
        {kWeb, kStart - hours(5 * i), SchemaHash(config_.scopes[0]), kBackfill, QuietValues(i)});
  ASSERT_TRUE(store_->Commit(history));
  loop_.OnHistory();
  See([](const View& v) { return !v.entities.empty() && v.entities[0].model.present; });
  SeeQuiet(30);
  EXPECT_EQ(Ask({TrainCommand{}, "test"}).status, 202);
  const auto view = See([](const View& v) {
    return v.jobs.at(2).last_result.find("it learned from") != std::string::npos;
  });
  EXPECT_THAT(store_->ReadModels({}).value().at(0).reason, HasSubstr("the model before from"));
}

TEST_F(DetectLoopTest, NothingIsRolledBackWhileATrainingIsUnderWay) {
  SeeQuiet(30);
  commands_.SetListener(nullptr);  // both are taken at once
  auto train = commands_.Push({TrainCommand{}, "ann"});
  auto back = commands_.Push({RollBackCommand{.entity = kWeb.entity}, "bob"});
  loop_.Wake();
  EXPECT_EQ(train.get().status, 202);
  const CommandResult refused = back.get();
  EXPECT_EQ(refused.status, 409);
  EXPECT_THAT(refused.json, HasSubstr("a training is under way"));
}

TEST_F(DetectLoopTest, ARollbackIsDoneAndInTheAuditTrail) {
  Changes changes;
  for (int i = 1; i <= 2; ++i) {
    TrainingRows rows{DetectorOptionsFor(config_, config_.scopes[0]), {}, {}};
    for (int m = 0; m < 30 + i; ++m)
      rows.Add({kWeb, kStart - hours(1) + minutes(m), 7, 0, QuietValues(m)}, config_.timezone);
    StoredModel model{.record = {}, .value = (*FitDetector(rows))->SnapshotModel()};
    model.record.key = kWeb;
    model.record.trained_at = kStart - minutes(10 - i);
    model.record.used_from = model.record.trained_at;
    model.record.schema = SchemaHash(config_.scopes[0]);
    changes.models.push_back(std::move(model));
  }
  ASSERT_TRUE(store_->Commit(changes));
  const CommandResult done = Ask({RollBackCommand{.entity = "nas", .why = "noisy"}, "ann"});
  ASSERT_EQ(done.status, 200) << done.json;
  const auto body = nlohmann::json::parse(done.json);
  EXPECT_EQ(body["model"]["id"], 1);
  EXPECT_EQ(body["model"]["state"], "in_use");
  EXPECT_EQ(body["instead_of"], 2);
  EXPECT_EQ(cell_.Get()->entities.at(0).model.rows, 31u);
  EXPECT_EQ(Ask({RollBackCommand{}, "ann"}).status, 409);
  EXPECT_EQ(Ask({RollBackCommand{.model_id = 9}, "ann"}).status, 404);
  EXPECT_EQ(store_->ReadModelInUse(kWeb).value()->record.id, 1);
  const auto audit = store_->ReadAudit({}).value();
  ASSERT_EQ(audit.size(), 3u);
  EXPECT_EQ(audit[2].action + "/" + audit[2].object + "/" + audit[2].result + "/" + audit[2].text,
            "rollback/the model of nas/model 1 judges/noisy");
  EXPECT_EQ(audit[1].object, "the model");
  EXPECT_EQ(audit[0].object, "model 9");
}

TEST_F(DetectLoopTest, AfterASuspendOneTickComesNotAll) {
  clock_.Set(kStart + hours(5));
  SeeRounds(1);
  clock_.Set(kStart + hours(5) + minutes(1));
  EXPECT_EQ(SeeRounds(2)->rounds_total, 2u);
}

TEST_F(DetectLoopTest, StopsPromptlyThoughASourceIsStuck) {
  script_.Block(true);
  clock_.Set(kStart + minutes(1));
  AwaitCollections(1);
  const auto begun = std::chrono::steady_clock::now();
  runner_.RequestStop();
  loop_.Stop();
  EXPECT_LT(std::chrono::steady_clock::now() - begun, seconds(2));
}

TEST_F(DetectLoopTest, AMarkIsOnTheAnomalyAndOnItsSamples) {
  Anomaly closed;
  closed.id = 3;
  closed.key = kWeb;
  closed.state = AnomalyState::kClosed;
  closed.started_at = kStart - minutes(3);
  closed.ended_at = closed.last_seen_at = kStart - minutes(2);
  Changes changes{.anomalies = {closed}};
  for (int m = 4; m >= 1; --m)
    changes.samples.push_back({kWeb, kStart - minutes(m), 7, kPartial, {1.0 * m}});
  ASSERT_TRUE(store_->Commit(changes));
  EXPECT_EQ(Ask({MarkCommand{9, Mark::kReal, ""}, "ann"}).status, 404);
  const auto body = nlohmann::json::parse(Ask({MarkCommand{3, Mark::kExpected, ""}, "ann"}).json);
  EXPECT_EQ(body["mark"], "expected");
  Ask({MarkCommand{3, Mark::kReal, "the disk"}, "bob"});
  const Anomaly marked = *store_->ReadAnomaly(3).value();
  EXPECT_EQ(marked.mark, Mark::kReal);
  EXPECT_EQ(marked.marked_by, "bob");
  EXPECT_EQ(marked.marked_why, "the disk");
  const auto samples = store_->ReadSamples({.key = kWeb, .until = kStart - minutes(1)}).value();
  std::vector<std::uint32_t> flags;
  for (const Sample& sample : samples) flags.push_back(sample.flags);
  EXPECT_THAT(flags, ::testing::ElementsAre(kPartial, kPartial | kConfirmedReal,
                                            kPartial | kConfirmedReal, kPartial));
  EXPECT_EQ(store_->ReadAudit({}).value().at(0).action, "real");
}

TEST_F(DetectLoopTest, AWindowBeginsIsSeenAndEnds) {
  Silence window{.entity = kWeb.entity, .starts_at = clock_.Now(), .why = "new disk"};
  window.ends_at = window.starts_at + hours(1);
  const auto body = nlohmann::json::parse(Ask({SilenceCommand{window}, "ann"}).json);
  EXPECT_FALSE(body.contains("note"));
  EXPECT_EQ(body["kind"], "window");
  EXPECT_EQ(body["by"], "ann");
  See([](const View& v) { return v.silences.size() == 1; });
  const std::int64_t id = body["id"];
  EXPECT_EQ(Ask({EndSilenceCommand{SilenceKind::kMute, id, ""}, "bob"}).status, 404);
  EXPECT_EQ(Ask({EndSilenceCommand{SilenceKind::kWindow, id, ""}, "bob"}).status, 200);
  See([](const View& v) { return v.silences.empty(); });
  EXPECT_EQ(Ask({EndSilenceCommand{SilenceKind::kWindow, id, ""}, "bob"}).status, 404);
  EXPECT_EQ(store_->ReadSilences().value().at(0).ends_at, clock_.Now());
  EXPECT_EQ(
      store_->ReadAudit({}).value().at(3).object,
      kWeb.entity + " from " + FormatTime(window.starts_at) + " to " + FormatTime(window.ends_at));
}

TEST_F(DetectLoopTest, AMuteOfANameThatNobodyHasSaysSo) {
  clock_.Set(kStart + minutes(1));
  SeeRounds(1);
  const auto mute = [&](const std::string& entity) {
    Silence silence{.kind = SilenceKind::kMute, .entity = entity, .starts_at = clock_.Now()};
    silence.ends_at = silence.starts_at + hours(1);
    return nlohmann::json::parse(Ask({SilenceCommand{silence}, "ann"}).json);
  };
  const std::string note = mute("hmoe").at("note");
  EXPECT_THAT(note, HasSubstr("nobody is watched"));
  EXPECT_FALSE(mute(kWeb.entity).contains("note"));
  EXPECT_FALSE(mute("").contains("note"));
}

}  // namespace
}  // namespace aiops
