// Why: the answer to "why were you silent at 03:12?", from what is stored.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/anomaly.h"
#include "model/judgement.h"
#include "store/store.h"

namespace aiops {

// What is known of the interval in which the moment lies.
enum class Knowledge {
  kJudged,     // a round judged its sample
  kNotJudged,  // there is a sample that no round has judged
  kNoSample,   // something was collected, but nothing of this entity
  kNothing,    // nothing was collected at all: the daemon was down, or no source answered
  kNotKept,    // older than everything that is kept
  kNotYet,     // its interval is not over, or has not begun
};
std::string_view ToString(Knowledge knowledge);  // "judged", "not_judged", "no_sample", ...

// Why a gate held something back: "it was still warming up". Empty of none.
std::string_view GateReason(Gate gate);

struct WhyQuestion {
  EntityKey key;
  Duration interval{};  // of its scope
  Time at;
  std::optional<Time> open_until;  // anomalies that opened after `at` are named, too, until then
  std::optional<Time> next_round;  // nullopt: not known
  std::string close_after = {};    // detect.close_after; empty: not known
};

struct WhyAnswer {
  Knowledge knowledge = Knowledge::kNothing;
  std::string words;                   // a few sentences
  std::optional<bool> daemon_ran;      // nullopt: cannot be told
  std::optional<Judgement> judgement;  // of the sample whose interval holds the moment
  std::optional<Time> sampled_at;      // that sample
  bool from_history = false;           // it was read back from a source, and no round judges it
  double coverage = kMissing;          // of that sample
  std::vector<std::string> missing;    // its features without a value
  std::vector<Judgement> around;       // five intervals before and after
  Store::Neighbours samples;           // of the entity, around the moment
  std::vector<Anomaly> open;           // at that moment, newest first, at most 20
};

// nullopt: nothing is stored of that entity. What a gate held back is explained by the gate.
Result<std::optional<WhyAnswer>> ExplainWhy(const Store& store, const WhyQuestion& question,
                                            Time now);

}  // namespace aiops
