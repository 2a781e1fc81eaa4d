// Lines of an access log, of whatever format: guessed, wrapped, or as the first byte says. After a
// restart at any line they must count as they would have without it.
#include <algorithm>
#include <array>
#include <optional>

#include "base/result.h"
#include "collect/nginx/line_reader.h"
#include "collect/nginx/line_splitter.h"

namespace {

constexpr std::array<const char*, 8> kFormats{
    "auto",
    "auto",
    "combined",
    "json",
    "caddy_json",
    "traefik_json",
    "nginx_proxy_manager",
    "$remote_addr [$time_iso8601] \"$request\" $status $request_time $upstream_response_time"};

struct Counts {
  size_t valid = 0, bad = 0, ignored = 0;
  std::uint64_t bytes = 0;
  bool operator==(const Counts&) const = default;
};

class Log {
 public:
  explicit Log(const aiops::LineOptions& options) : options_(options) { reader_.emplace(options); }

  void Take(std::string_view bytes) {
    splitter_.Feed(bytes, [&](std::string_view line, aiops::LineFault fault) {
      reader_->OnLine(line, fault, handlers_);
    });
  }
  void Rest() { reader_->Flush(handlers_); }
  // As a checkpoint between two passes does.
  void Restart() {
    Rest();
    const std::string state = reader_->State();
    reader_.emplace(options_);
    AIOPS_CHECK(reader_->Restore(state));
  }
  const Counts& counts() const { return counts_; }

 private:
  void Count(const aiops::LogEntry& entry) {
    AIOPS_CHECK(entry.status >= 0 && entry.status <= 999);
    AIOPS_CHECK(!(entry.request_seconds < 0) && !(entry.upstream_seconds < 0));
    ++counts_.valid;
    counts_.bytes += entry.bytes;
  }

  const aiops::LineOptions& options_;
  std::optional<aiops::LineReader> reader_;
  aiops::LineSplitter splitter_;
  Counts counts_;
  const aiops::LineHandlers handlers_{[this](const aiops::LogEntry& entry) { Count(entry); },
                                      [this](const aiops::BadLine&) { ++counts_.bad; },
                                      [this] { ++counts_.ignored; }};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, size_t size) {
  if (size < 2) return 0;
  aiops::LineOptions options;
  options.format = kFormats[data[0] % kFormats.size()];
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  const size_t cut = bytes.size() * data[1] / 255;
  Log running(options), restarted(options);
  for (Log* log : {&running, &restarted}) {
    log->Take(bytes.substr(0, cut));
    if (log == &running) log->Rest();
    if (log == &restarted) log->Restart();
    log->Take(bytes.substr(cut));
    log->Rest();
  }
  AIOPS_CHECK(running.counts() == restarted.counts());
  return 0;
}
