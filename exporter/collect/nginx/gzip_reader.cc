#include "collect/nginx/gzip_reader.h"

#include <zlib.h>

#include <array>
#include <new>

#include "collect/nginx/read_at.h"

namespace aiops {
namespace {

constexpr size_t kMaxInputPerRead = 1 << 20;
constexpr int kGzipOnly = 16 + MAX_WBITS;  // of inflateInit2: a gzip header, the largest window

}  // namespace

struct GzipReader::Stream {
  z_stream z{};
  std::array<Bytef, 32 * 1024> input;
  std::uint64_t position = 0;  // of the next pread
  bool between = true;         // two members, or before the first
  int members = 0;             // that were begun
  bool damaged = false;
};

GzipReader::GzipReader(int fd) : fd_(fd), stream_(std::make_unique<Stream>()) {
  if (::inflateInit2(&stream_->z, kGzipOnly) != Z_OK) throw std::bad_alloc();
}

GzipReader::~GzipReader() { ::inflateEnd(&stream_->z); }

GzipReader::Piece GzipReader::Read(std::span<char> to) {
  Stream& s = *stream_;
  z_stream& z = s.z;
  z.next_out = reinterpret_cast<Bytef*>(to.data());
  z.avail_out = static_cast<uInt>(to.size());
  const auto made = [&](State if_none) -> Piece {
    const size_t size = to.size() - z.avail_out;
    return {size, size > 0 ? State::kMore : if_none};
  };
  size_t input = 0;
  while (z.avail_out > 0 && !s.damaged) {
    if (z.avail_in == 0) {
      if (input >= kMaxInputPerRead) return made(State::kMore);
      const ssize_t n =
          ReadAt(fd_, reinterpret_cast<char*>(s.input.data()), s.input.size(), s.position);
      if (n == 0) return made(State::kEnd);
      s.damaged = n < 0;
      if (s.damaged) break;
      z.next_in = s.input.data();
      z.avail_in = static_cast<uInt>(n);
      s.position += static_cast<std::uint64_t>(n);
      input += static_cast<size_t>(n);
    }
    if (s.between) {
      for (; z.avail_in > 0 && *z.next_in == 0; --z.avail_in) ++z.next_in;
      if (z.avail_in == 0) continue;
      s.damaged = ::inflateReset(&z) != Z_OK;
      s.between = false;
      ++s.members;
    }
    const int result = ::inflate(&z, Z_NO_FLUSH);
    s.between = result == Z_STREAM_END;
    s.damaged = s.damaged || (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR);
  }
  return made(s.damaged ? State::kDamaged : State::kMore);
}

bool GzipReader::complete() const {
  return stream_->members > 0 && stream_->between && !stream_->damaged;
}

}  // namespace aiops
