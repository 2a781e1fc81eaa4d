// HistoryReader: what the sources still know of the time before a first start, as samples.
//
// A thread of its own, with collectors of its own, so that no live tick waits for it. It asks all
// collectors for six hours at a time, oldest first, joins what they say of the same minute, and
// stores it flagged kBackfill together with how far it came: after a kill -9 it goes on there. What
// is stored already stays: history only fills what is missing.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "collect/collector.h"
#include "config/config.h"
#include "pipeline/assembler.h"
#include "pipeline/history_progress.h"
#include "pipeline/patient_thread.h"
#include "pipeline/silences.h"
#include "pipeline/view.h"
#include "store/store.h"

namespace aiops {

struct HistorySource {
  std::string name;
  std::unique_ptr<Collector> collector;  // nobody else's
};

// Thread-safe. `store` and `clock` outlive it.
class HistoryReader {
 public:
  // `done` is called on its thread once everything is read, if that made samples.
  HistoryReader(Config config, Store& store, Clock& clock, std::vector<HistorySource> sources,
                std::function<void()> done);

  // Nothing is wanted: no thread.
  void Start();
  void RequestStop() { thread_.RequestStop(); }
  bool AwaitStop(std::chrono::steady_clock::duration patience) {
    return thread_.AwaitStop(patience);
  }

  // For the checklist; nullopt if there never was any history to read.
  std::optional<SourceCheck> check() const;

 private:
  struct Sum {  // over the scopes
    size_t samples = 0;
    Duration span{};  // of the one with most
    size_t seen = 0;  // features that had a value
    size_t features = 0;
    std::string Text() const;
  };

  void Run(std::stop_token stop);
  bool ReadSlice(Window slice, const std::stop_token& stop);
  std::vector<PastReadings> Ask(size_t source, Window slice, const std::stop_token& stop);
  std::vector<Sample> Join(Window slice, const std::vector<Answer>& answers);
  std::vector<Sample> NewIn(Window slice, std::vector<Sample> samples, const Silences& silences);
  void Account(const std::vector<Sample>& samples);
  bool Save(std::vector<Sample> samples, const std::stop_token& stop);
  bool Commit(const Changes& changes, const std::stop_token& stop);
  void Conclude();
  HistoryProgress* Wanted(const std::string& scope);  // nullptr: it is done
  const Scope& ScopeOf(const std::string& name) const;
  Sum Total() const;
  std::string ProgressText(const Sum& sum) const;

  const Config config_;  // its own: a thread that hangs outlives a reload
  Store& store_;
  Clock& clock_;
  const std::vector<HistorySource> sources_;
  const std::function<void()> done_;
  SchemaNames schemas_;

  mutable std::mutex mutex_;  // guards what check() tells
  std::vector<HistoryProgress> plan_;
  Window window_{};
  std::map<size_t, std::string> given_up_;  // a source, and its last error
  std::string failed_;                      // why nothing can be read at all
  bool ended_ = false;
  PatientThread thread_;  // last: stops before the rest goes
};

}  // namespace aiops
