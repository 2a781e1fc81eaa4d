// FollowerModel: random writes, rotations, truncations, kills and pauses against a model that knows
// which lines lie in which file. The decisions come from a seed (nginx_follower_model_test.cc) or
// from a fuzzer (tests/fuzz/log_follower_fuzzer.cc).
#pragma once

#include <algorithm>
#include <charconv>
#include <iterator>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "unit/collect/nginx_model_log.h"

namespace aiops {

struct FollowerModelOptions {
  std::string head;                 // with what every file begins
  Duration file_time = seconds(1);  // as the times of files are kept
  bool everything = false;          // also what the first seeds did not know
  bool copies = false;              // and logs that are replaced by copies, or copied slowly
};

class FollowerModel {
 public:
  FollowerModel(Choices& choices, const FollowerModelOptions& options)
      : choices_(choices),
        everything_(options.everything),
        copies_(options.copies),
        h_(choices.Below(2) == 0 ? 64 : 4096, options.file_time),
        log_(choices, h_, options.head,
             {[this] { Poll(kAll); }, [this] { LookOrEnd(); },
              [this](const ModelLog::File& file) { Gone(file); },
              [this](std::string what) { Say(std::move(what)); }}) {
    h_.Start();
    h_.Poll();
    Commit();
  }

  // At most so many operations. What went wrong, with the story of it; empty if nothing did.
  std::string Run(int steps) {
    for (int i = 0; i < steps && problem_.empty() && choices_.More(); ++i) Step();
    if (problem_.empty()) Finish();
    return problem_;
  }

 private:
  static constexpr int kAll = 1 << 30;

  void Say(std::string what) { did_.push_back(std::move(what)); }
  void Fail(const std::string& what) {
    if (!problem_.empty()) return;
    problem_ = what + "\n";
    for (const auto& each : did_) problem_ += "  " + each + "\n";
  }

  // What a seed does depends on every number here.
  void Step() {
    h_.now += milliseconds(choices_.Below(1500));
    const int kind = choices_.Below(copies_ ? 21 : everything_ ? 19 : 16);
    if (kind < 5) return Rotating(kind);
    switch (kind) {
      case 5:
        return Kill();
      case 6:
      case 7:
        return Commit();
      case 8:
        return Pause();
      case 9:
        return Poll(1 + choices_.Below(3));
      case 10:
      case 11:
        return Poll(kAll);
      case 12:
        return log_.WriteHalf();
      case 16:
        return log_.DeleteLog();
      case 17:
        return Cut();
      case 18:
        return choices_.OneIn(4) ? log_.WriteTooLong() : log_.Write();
      case 19:
        return log_.Replace();
      case 20:
        return log_.RenameCopy();
      default:
        return log_.Write();
    }
  }
  void LookOrEnd() {
    if (choices_.OneIn(3)) Commit();
    if (choices_.OneIn(4)) Kill();
    Poll(kAll);
  }
  void Rotating(int kind) {
    switch (kind) {
      case 0:
        return log_.Rotate();
      case 1:
        return log_.CopyTruncate();
      case 2:
        return log_.Compress();
      case 3:
        return choices_.OneIn(4) ? log_.DeleteOldest() : log_.Compress();
      default:
        return choices_.OneIn(6) ? log_.Truncate() : log_.Write();
    }
  }
  // Looked at before and after: a file that is longer than it was read is not known to have been
  // cut, and one that was cut while nobody looked is read again.
  void Cut() {
    Poll(kAll);
    log_.Cut();
    Poll(kAll);
    Commit();
  }

  void Poll(int chunks) {
    const bool whole = h_.Poll(milliseconds(250 + choices_.Below(1000)), chunks);
    Say(whole ? "polled" : "polled in part");
    // Without the log, a process that finds none of its files waits for it.
    if (!whole || !log_.exists()) return;
    for (const auto& [name, file] : log_.files()) due_.insert(file.begin(), file.end());
  }
  void Commit() {
    state_ = h_.follower->State();
    for (const auto& line : h_.Take()) {
      int number = 0;
      if (!line.starts_with("line ")) continue;
      std::from_chars(line.data() + 5, line.data() + line.size(), number);
      if (!told_.insert(number).second) Fail(std::to_string(number) + " was delivered twice");
    }
    for (const int number : due_) {
      if (!told_.contains(number)) Fail(std::to_string(number) + " was not delivered");
    }
    Say("committed");
  }
  void Kill() {
    h_.Take();
    due_.clear();
    h_.Start(state_);
    Say("killed");
  }
  void Pause() {
    h_.now += choices_.OneIn(3) ? minutes(2) : seconds(choices_.Below(20));
    Say("paused");
  }

  // Of a file whose beginning was never committed nobody can know that it was there.
  void Gone(const ModelLog::File& file) {
    if (!file.empty() && told_.contains(file.front())) gone_.insert(file.begin(), file.end());
  }
  void Finish() {
    log_.Reopen();
    for (int i = 0; i < 5; ++i) Poll(kAll);
    if (!h_.Poll()) Fail("it does not come to an end");
    Commit();
    std::vector<int> lost;
    std::set_difference(gone_.begin(), gone_.end(), told_.begin(), told_.end(),
                        std::back_inserter(lost));
    const auto counters = h_.Counters();
    if (!lost.empty() && counters.files_lost + counters.truncations == 0)
      Fail("nothing says that lines are lost, as " + std::to_string(lost.front()));
  }

  Choices& choices_;
  const bool everything_;
  const bool copies_;
  FollowerHarness h_;
  std::set<int> told_;               // committed
  std::set<int> gone_;               // with a file that was deleted or truncated
  std::set<int> due_;                // must be told by the next commit
  std::vector<LogFileState> state_;  // committed
  std::vector<std::string> did_;
  std::string problem_;
  ModelLog log_;  // last: it uses all of the above
};

}  // namespace aiops
