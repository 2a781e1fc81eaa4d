#include "collect/nginx/client_set.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <random>
#include <utility>

#include "text/base64.h"

namespace aiops {
namespace {

constexpr char kSketchMark = '~';  // is no base64 digit

std::uint64_t Load(const char* p, size_t n) {
  std::uint64_t out = 0;
  for (size_t i = 0; i < n; ++i) {
    out |= std::uint64_t{static_cast<unsigned char>(p[i])} << (8 * i);
  }
  return out;
}

struct SipState {
  std::uint64_t v0, v1, v2, v3;
  void Round() {
    v0 += v1;
    v1 = std::rotl(v1, 13) ^ v0;
    v0 = std::rotl(v0, 32);
    v2 += v3;
    v3 = std::rotl(v3, 16) ^ v2;
    v0 += v3;
    v3 = std::rotl(v3, 21) ^ v0;
    v2 += v1;
    v1 = std::rotl(v1, 17) ^ v2;
    v2 = std::rotl(v2, 32);
  }
  void Mix(std::uint64_t word) {
    v3 ^= word;
    Round();
    Round();
    v0 ^= word;
  }
};

}  // namespace

ClientHasher::Key ClientHasher::RandomKey() {
  std::random_device device;
  const auto word = [&] { return (std::uint64_t{device()} << 32) | device(); };
  return {word(), word()};
}

std::uint64_t ClientHasher::operator()(std::string_view client) const {
  SipState s{key_[0] ^ 0x736f6d6570736575ull, key_[1] ^ 0x646f72616e646f6dull,
             key_[0] ^ 0x6c7967656e657261ull, key_[1] ^ 0x7465646279746573ull};
  const char* p = client.data();
  const size_t whole = client.size() / 8;
  for (size_t i = 0; i < whole; ++i, p += 8) s.Mix(Load(p, 8));
  s.Mix(Load(p, client.size() % 8) | (std::uint64_t{client.size()} << 56));
  s.v2 ^= 255;
  for (int i = 0; i < 4; ++i) s.Round();
  return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

void ClientSet::Grow() {
  auto old =
      std::exchange(slots_, std::vector<std::uint64_t>(std::max<size_t>(8, slots_.size() * 2)));
  size_ = 0;
  for (const auto hash : old) {
    if (hash != 0) Insert(hash);
  }
}

void ClientSet::Sketch(int precision) {
  HyperLogLog sketch(precision);
  for (const auto hash : slots_) {
    if (hash != 0) sketch.Insert(hash);
  }
  sketch_ = std::move(sketch);
  std::vector<std::uint64_t>().swap(slots_);  // gives its memory back
  size_ = 0;
}

bool ClientSet::Insert(std::uint64_t hash) {
  if (hash == 0) hash = 1;
  if (sketch_) return sketch_->Insert(hash);
  if ((size_ + 1) * 3 > slots_.size() * 2) Grow();
  const size_t mask = slots_.size() - 1;
  size_t at = hash & mask;
  for (; slots_[at] != 0; at = (at + 1) & mask) {
    if (slots_[at] == hash) return false;
  }
  slots_[at] = hash;
  if (++size_ > kMaxExact) Sketch(HyperLogLog::kMaxPrecision);
  return true;
}

void ClientSet::Merge(const ClientSet& other) {
  if (other.sketch_) {
    if (!sketch_) Sketch(other.sketch_->precision());
    sketch_->Merge(*other.sketch_);
  }
  for (const auto hash : other.slots_) {
    if (hash != 0) Insert(hash);
  }
}

size_t ClientSet::size() const {
  return sketch_ ? static_cast<size_t>(std::llround(sketch_->Estimate())) : size_;
}

bool ClientSet::Coarsen() {
  constexpr size_t kSmallest = size_t{1} << HyperLogLog::kMinPrecision;
  if (bytes() <= kSmallest) return false;
  if (sketch_) {
    sketch_->Fold();
  } else {
    Sketch(static_cast<int>(std::bit_width(bytes() / 2)) - 1);
  }
  return true;
}

std::string ClientSet::Encode() const {
  if (sketch_) return kSketchMark + sketch_->Encode();
  std::vector<std::uint64_t> hashes;
  for (const auto hash : slots_) {
    if (hash != 0) hashes.push_back(hash);
  }
  std::sort(hashes.begin(), hashes.end());
  std::string bytes;
  bytes.reserve(hashes.size() * 8);
  for (const auto hash : hashes) {
    for (int i = 0; i < 8; ++i) bytes.push_back(static_cast<char>((hash >> (8 * i)) & 255));
  }
  return ToBase64(bytes);
}

std::optional<ClientSet> ClientSet::Decode(std::string_view text) {
  ClientSet out;
  if (text.starts_with(kSketchMark)) {
    out.sketch_ = HyperLogLog::Decode(text.substr(1));
    return out.sketch_ ? std::optional(std::move(out)) : std::nullopt;
  }
  const auto bytes = FromBase64(text);
  if (!bytes || bytes->size() % 8 != 0) return std::nullopt;
  for (size_t i = 0; i < bytes->size(); i += 8) out.Insert(Load(bytes->data() + i, 8));
  return out;
}

}  // namespace aiops
