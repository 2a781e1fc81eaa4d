// BlobWriter, BlobReader: the bytes of a snapshot.
//
// Little-endian whatever the machine; a magic word with the version in front and a checksum behind,
// so that bit rot and foreign bytes are noticed. The checksum is no defence against intent: whoever
// reads still checks every value. Reading never leaves the blob: past its end every read gives 0
// and ok() is false.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace aiops {

// FNV-1a, 64 bits.
std::uint64_t BlobChecksum(std::string_view bytes);

class BlobWriter {
 public:
  explicit BlobWriter(std::uint32_t magic) { U32(magic); }
  void U16(std::uint16_t v) { Put(v, 2); }
  void U32(std::uint32_t v) { Put(v, 4); }
  void U64(std::uint64_t v) { Put(v, 8); }
  void F32(float v);
  void F64(double v);
  // Bytes with their length in front.
  void Bytes(std::string_view bytes);
  // The blob with its checksum. The writer is empty afterwards.
  std::string Finish();

 private:
  void Put(std::uint64_t v, int bytes);
  std::string bytes_;
};

// Refers to the blob; does not own it.
class BlobReader {
 public:
  // Corruption: too short, another magic word, or a wrong checksum. `what` begins the message.
  static Result<BlobReader> Open(std::string_view blob, std::uint32_t magic, std::string_view what);

  std::uint16_t U16() { return static_cast<std::uint16_t>(Get(2)); }
  std::uint32_t U32() { return static_cast<std::uint32_t>(Get(4)); }
  std::uint64_t U64() { return Get(8); }
  float F32();
  double F64();
  // Refers to the blob. Empty, and ok() false, if there are fewer than it says.
  std::string_view Bytes();

  bool ok() const { return ok_; }
  size_t left() const { return bytes_.size(); }

 private:
  explicit BlobReader(std::string_view bytes) : bytes_(bytes) {}
  std::uint64_t Get(int bytes);
  std::string_view bytes_;
  bool ok_ = true;
};

}  // namespace aiops
