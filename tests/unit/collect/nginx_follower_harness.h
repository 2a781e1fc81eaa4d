// A log follower, the files that it reads, and what it delivered; time is the test's, also that of
// the files' changes.
#pragma once

#include <fcntl.h>
#include <sys/stat.h>
#include <zlib.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "collect/nginx/log_follower.h"
#include "unit/collect/nginx_test_log.h"

namespace aiops {

// As gzip makes it: one member.
inline std::string Gzipped(const std::string& text) {
  z_stream z{};
  AIOPS_CHECK(::deflateInit2(&z, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out(::deflateBound(&z, text.size()) + 64, '\0');
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  z.avail_in = static_cast<uInt>(text.size());
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = static_cast<uInt>(out.size());
  AIOPS_CHECK(::deflate(&z, Z_FINISH) == Z_STREAM_END);
  out.resize(z.total_out);
  ::deflateEnd(&z);
  return out;
}

class FollowerHarness {
 public:
  using Lines = std::vector<std::string>;

  explicit FollowerHarness(size_t buffer_bytes = 64, Duration unit_of_times = seconds(1))
      : file_time(unit_of_times), buffer_(buffer_bytes) {}

  // A process that begins: `state` is what the one before it had committed.
  void Start(std::vector<LogFileState> state = {}, StartAt start = StartAt::kBeginning) {
    AddCounters();
    follower = std::make_unique<LogFollower>(folder.Path(), start);
    if (!state.empty()) follower->Resume(std::move(state));
  }
  // A process that was ended right after a commit begins again.
  void Restart() { Start(follower->State()); }

  // At most `chunks` pieces of a buffer's size.
  bool Poll(Duration later = seconds(1), int chunks = 1 << 30) {
    now += later;
    ReadPass pass;
    pass.buffer = buffer_;
    pass.sink = [&](std::string_view line, LineFault fault) {
      lines.emplace_back(fault == LineFault::kNone ? line : ToString(fault));
    };
    pass.go_on = [&] { return --chunks > 0; };
    return follower->Poll(now, pass);
  }
  Lines Take() { return std::exchange(lines, {}); }

  void Append(const std::string& text, const std::string& name = "access.log") {
    folder.Append(text, name);
    Touch(name);
  }
  void Rename(const std::string& from, const std::string& to) { folder.Rename(from, to); }
  void Remove(const std::string& name) { std::filesystem::remove_all(folder.Path(name)); }
  void Resize(std::uintmax_t size, const std::string& name = "access.log") {
    std::filesystem::resize_file(folder.Path(name), size);
    Touch(name);
  }
  void Copy(const std::string& to) {
    std::filesystem::copy_file(folder.Path(), folder.Path(to));
    Touch(to);
  }
  void CopyTruncate(const std::string& to) {
    Copy(to);
    Resize(0);
  }
  std::string Text(const std::string& name) const {
    std::ifstream in(folder.Path(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  // NAME becomes NAME.gz, which keeps the time of the last change, as gzip does.
  void Gzip(const std::string& name) {
    folder.Append(Gzipped(Text(name)), name + ".gz");
    std::filesystem::last_write_time(folder.Path(name + ".gz"),
                                     std::filesystem::last_write_time(folder.Path(name)));
    Remove(name);
  }
  // The time of the last change is the test's, in whole units of `file_time`.
  void Touch(const std::string& name) {
    const auto since = now.time_since_epoch() / file_time * file_time;
    const auto whole = std::chrono::duration_cast<std::chrono::seconds>(since);
    const timespec at{whole.count(), std::chrono::nanoseconds(since - whole).count()};
    const timespec times[2] = {at, at};
    AIOPS_CHECK(::utimensat(AT_FDCWD, folder.Path(name).c_str(), times, 0) == 0);
  }

  // Of all processes.
  FollowerCounters Counters() const {
    FollowerCounters sum = ended_;
    Add(sum, follower->counters());
    return sum;
  }

  TestLogFolder folder;
  std::unique_ptr<LogFollower> follower;
  Lines lines;
  Time now = FromUnixMillis(1'700'000'000'000);
  const Duration file_time;

 private:
  static void Add(FollowerCounters& sum, const FollowerCounters& each) {
    sum.rotations += each.rotations;
    sum.truncations += each.truncations;
    sum.files_lost += each.files_lost;
    sum.bytes_read += each.bytes_read;
  }
  void AddCounters() {
    if (follower != nullptr) Add(ended_, follower->counters());
  }

  std::vector<char> buffer_;
  FollowerCounters ended_;
};

}  // namespace aiops
