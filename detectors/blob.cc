#include "detectors/blob.h"

#include <bit>
#include <utility>

namespace aiops {
namespace {
constexpr size_t kMagicBytes = 4;
constexpr size_t kChecksumBytes = 8;
}  // namespace

std::uint64_t BlobChecksum(std::string_view bytes) {
  std::uint64_t hash = 0xcbf29ce484222325ull;
  for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ull;
  return hash;
}

void BlobWriter::Put(std::uint64_t v, int bytes) {
  char little[8];
  for (int i = 0; i < bytes; ++i) little[i] = static_cast<char>((v >> (8 * i)) & 0xff);
  bytes_.append(little, static_cast<size_t>(bytes));
}

void BlobWriter::F32(float v) { U32(std::bit_cast<std::uint32_t>(v)); }
void BlobWriter::F64(double v) { U64(std::bit_cast<std::uint64_t>(v)); }

void BlobWriter::Bytes(std::string_view bytes) {
  U64(bytes.size());
  bytes_ += bytes;
}

std::string BlobWriter::Finish() {
  U64(BlobChecksum(bytes_));
  return std::exchange(bytes_, {});
}

Result<BlobReader> BlobReader::Open(std::string_view blob, std::uint32_t magic,
                                    std::string_view what) {
  const std::string subject(what);
  if (blob.size() < kMagicBytes + kChecksumBytes) return Corruption(subject + ": too short");
  const std::string_view body = blob.substr(0, blob.size() - kChecksumBytes);
  if (BlobReader(blob.substr(body.size())).U64() != BlobChecksum(body))
    return Corruption(subject + ": wrong checksum");
  BlobReader reader(body);
  if (reader.U32() != magic) return Corruption(subject + ": unknown format or version");
  return reader;
}

float BlobReader::F32() { return std::bit_cast<float>(U32()); }
double BlobReader::F64() { return std::bit_cast<double>(U64()); }

std::string_view BlobReader::Bytes() {
  const std::uint64_t size = U64();
  ok_ = ok_ && size <= bytes_.size();
  if (!ok_) return {};
  const auto bytes = bytes_.substr(0, static_cast<size_t>(size));
  bytes_.remove_prefix(bytes.size());
  return bytes;
}

std::uint64_t BlobReader::Get(int bytes) {
  const auto n = static_cast<size_t>(bytes);
  if (bytes_.size() < n) {
    ok_ = false;
    bytes_ = {};
    return 0;
  }
  std::uint64_t v = 0;
  for (size_t i = 0; i < n; ++i)
    v |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes_[i])) << (8 * i);
  bytes_.remove_prefix(n);
  return v;
}

}  // namespace aiops
