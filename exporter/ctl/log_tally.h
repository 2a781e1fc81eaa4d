// LogTally: sums over the lines of logs, in bounded memory.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>

#include "base/time.h"
#include "collect/nginx/client_set.h"
#include "collect/nginx/log_entry.h"

namespace aiops {

struct MinuteCounts {
  std::uint32_t minute = 0;  // since 1970
  std::uint32_t requests = 0;
  std::uint32_t errors_4xx = 0;
  std::uint32_t errors_5xx = 0;
  std::uint32_t clients = 0;
  std::uint64_t bytes = 0;
  Time begin() const { return FromUnixMillis(std::int64_t{minute} * 60'000); }
};

// The clients of a minute are known as long as it is open. So are the minutes that were written to
// last, and the first one of each file, which goes on in the file that was rotated before it. A
// minute that was closed and comes again counts a client of both times twice.
// Not thread-safe.
class LogTally {
 public:
  static constexpr size_t kMaxOpen = 128;
  static constexpr size_t kMaxPinned = 64;
  static constexpr size_t kMaxMinutes = 530'000;  // a year has 525,600

  void Add(const LogEntry& entry);
  void AddBad(LineFault fault) { ++faults_[static_cast<size_t>(fault)]; }
  void AddIgnored() { ++ignored_; }
  // The next line begins another file.
  void NextFile() { pin_next_ = true; }
  // No line is added after this.
  void Finish();

  std::uint64_t valid() const { return valid_; }
  std::uint64_t bad() const;
  std::uint64_t bad(LineFault fault) const { return faults_[static_cast<size_t>(fault)]; }
  std::uint64_t ignored() const { return ignored_; }
  std::uint64_t seen() const { return valid() + bad() + ignored(); }
  std::uint64_t bytes() const { return bytes_; }
  std::uint64_t with_status(int status) const { return statuses_[static_cast<size_t>(status)]; }
  size_t clients() const { return clients_.size(); }
  // In the order of time, after Finish.
  const std::deque<MinuteCounts>& minutes() const { return closed_; }
  // Lines of minutes beyond kMaxMinutes: counted everywhere but there.
  std::uint64_t left_out() const { return left_out_; }

 private:
  struct OpenMinute {
    MinuteCounts counts;
    ClientSet clients;
    std::uint64_t used = 0;  // a number that grows
    bool pinned = false;
  };

  OpenMinute& Open(std::uint32_t minute);
  void Close(std::map<std::uint32_t, OpenMinute>::iterator at);
  void Merge();

  const ClientHasher hash_{ClientHasher::RandomKey()};
  std::uint64_t valid_ = 0;
  std::uint64_t ignored_ = 0;
  std::uint64_t bytes_ = 0;
  std::uint64_t left_out_ = 0;
  std::array<std::uint64_t, kLineFaultCount> faults_{};
  std::array<std::uint64_t, 1000> statuses_{};
  ClientSet clients_;
  std::map<std::uint32_t, OpenMinute> open_;
  OpenMinute* hot_ = nullptr;  // of the last line
  std::uint64_t uses_ = 0;
  size_t pinned_ = 0;
  bool pin_next_ = false;
  std::deque<MinuteCounts> closed_;
};

}  // namespace aiops
