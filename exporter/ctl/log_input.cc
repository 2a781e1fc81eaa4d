#include "ctl/log_input.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string_view>
#include <vector>

#include "collect/nginx/gzip_reader.h"

namespace aiops {
namespace {

constexpr size_t kBufferBytes = 256 * 1024;
constexpr std::string_view kGzipMagic = "\x1f\x8b";

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ > STDERR_FILENO) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  const int fd_;
};

Error Failed(const std::string& path, const std::string& doing, int error) {
  std::string message = "cannot " + doing + " " + path + ": " + std::strerror(error);
  if (error == EACCES) message += " (is it for group adm only? `sudo` reads it)";
  return Unavailable(std::move(message));
}

bool IsGzip(int fd) {
  char head[2];
  return ::pread(fd, head, sizeof head, 0) == 2 && std::string_view(head, 2) == kGzipMagic;
}

using Feed = std::function<void(std::string_view)>;

Result<void> ReadPlain(const std::string& path, int fd, std::vector<char>& buffer,
                       const Feed& feed) {
  for (bool first = true;; first = false) {
    const ssize_t n = ::read(fd, buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return Failed(path, "read", errno);
    if (n == 0) return {};
    const std::string_view bytes(buffer.data(), static_cast<size_t>(n));
    if (first && bytes.starts_with(kGzipMagic))
      return InvalidArgument(path + " is compressed and no file: `zcat | aiopsctl parse-log -`");
    feed(bytes);
  }
}

Result<void> ReadGzip(const std::string& path, int fd, std::vector<char>& buffer,
                      const Feed& feed) {
  GzipReader reader(fd);
  while (true) {
    const auto piece = reader.Read(buffer);
    feed({buffer.data(), piece.size});
    if (piece.state == GzipReader::State::kMore) continue;
    if (piece.state == GzipReader::State::kEnd && reader.complete()) return {};
    return Corruption(path +
                      (piece.state == GzipReader::State::kEnd
                           ? " ends in the middle of its compressed data"
                           : " is damaged") +
                      ": what could be read of it was counted");
  }
}

}  // namespace

Result<void> ReadLogInput(const std::string& path, const LineSink& sink,
                          const std::function<void(std::uint64_t bytes)>& progress) {
  const bool standard = path == "-";
  const Descriptor file(standard ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return Failed(path, "open", errno);
  const std::string name = standard ? "standard input" : path;
  std::vector<char> buffer(kBufferBytes);
  LineSplitter splitter;
  std::uint64_t total = 0;
  const Feed feed = [&](std::string_view bytes) {
    splitter.Feed(bytes, sink);
    total += bytes.size();
    progress(total);
  };
  const auto done = !standard && IsGzip(file.get()) ? ReadGzip(name, file.get(), buffer, feed)
                                                    : ReadPlain(name, file.get(), buffer, feed);
  if (!done) {
    splitter.Finish(sink);
  } else if (splitter.held() > 0 || splitter.skipping()) {
    splitter.Feed("\n", sink);  // nobody writes on: the last line is whole as it is
  }
  return done;
}

}  // namespace aiops
