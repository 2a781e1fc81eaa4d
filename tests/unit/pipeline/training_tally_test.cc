#include "pipeline/training_tally.h"

#include <gmock/gmock.h>

#include "pipeline/judge.h"
#include "pipeline_testing.h"

namespace aiops {
namespace {

ModelRecord RecordOf(const std::string& entity, size_t rows, int days) {
  ModelRecord record;
  record.key = {"web", entity};
  record.rows = rows;
  record.last_sample = kStart;
  record.first_sample = kStart - hours(24 * days);
  return record;
}

Trained Taken(const ModelRecord& record) {
  return {record, MakeDetector(DetectorOptionsFor(SmallConfig(), SmallConfig().scopes[0])), {}};
}

Trained NotTaken(const std::string& entity, ModelState state, const std::string& reason) {
  Trained out{RecordOf(entity, 100, 7), nullptr, {}};
  out.record.state = state;
  out.record.reason = reason;
  return out;
}

TEST(TrainingTally, TellsOneAsItIs) {
  TrainingTally tally;
  tally.Add(Taken(RecordOf("a", 900, 7)), nullptr);
  EXPECT_EQ(tally.Text(), "trained on 900 samples");
  TrainingTally refused;
  refused.Add(NotTaken("a", ModelState::kRefused, "too many alerts"), nullptr);
  EXPECT_EQ(refused.Text(), "refused: too many alerts");
}

TEST(TrainingTally, TellsAllOfSeveral) {
  TrainingTally tally;
  tally.Add(NotTaken("a", ModelState::kRefused, "too many alerts"), nullptr);
  tally.Add(Taken(RecordOf("b", 900, 7)), nullptr);
  tally.Add(NotTaken("c", ModelState::kFailed, "all values are equal"), nullptr);
  tally.Add(Taken(RecordOf("d", 500, 7)), nullptr);
  tally.Add(NotTaken("e", ModelState::kRefused, "blind"), nullptr);
  EXPECT_EQ(tally.Text(),
            "2 trained, on 500 to 900 samples, 2 refused (a: too many alerts), 1 failed (c: all "
            "values are equal)");
}

TEST(TrainingTally, SaysWhatLearnedFromLessThanTheModelBefore) {
  const ModelRecord before = RecordOf("a", 20'000, 14);
  TrainingTally tally;
  tally.Add(Taken(RecordOf("a", 10'000, 7)), &before);
  EXPECT_EQ(tally.Text(),
            "trained on 10000 samples (it learned from 7 days, the model before from 14 days: "
            "detect.isolation_forest.window says how far back)");
  EXPECT_EQ(ShorterThan(RecordOf("a", 1, 7), RecordOf("a", 1, 7)), "");
  EXPECT_EQ(ShorterThan(ModelRecord{}, RecordOf("a", 1, 7)), "") << "not known";
}

}  // namespace
}  // namespace aiops
