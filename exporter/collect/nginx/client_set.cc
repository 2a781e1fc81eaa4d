#include "collect/nginx/client_set.h"

#include <algorithm>
#include <bit>
#include <random>
#include <utility>

namespace aiops {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

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

std::string Base64(const std::string& bytes) {
  std::string out;
  std::uint32_t word = 0;
  int bits = 0;
  for (const char c : bytes) {
    word = (word << 8) | static_cast<unsigned char>(c);
    for (bits += 8; bits >= 6; bits -= 6) out.push_back(kAlphabet[(word >> (bits - 6)) & 63]);
  }
  if (bits > 0) out.push_back(kAlphabet[(word << (6 - bits)) & 63]);
  return out;
}

std::optional<std::string> FromBase64(std::string_view text) {
  std::string out;
  std::uint32_t word = 0;
  int bits = 0;
  for (const char c : text) {
    const size_t value = kAlphabet.find(c);
    if (value == std::string_view::npos) return std::nullopt;
    word = (word << 6) | static_cast<std::uint32_t>(value);
    if ((bits += 6) < 8) continue;
    bits -= 8;
    out.push_back(static_cast<char>((word >> bits) & 255));
  }
  return out;
}

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

bool ClientSet::Insert(std::uint64_t hash) {
  if (hash == 0) hash = 1;
  if ((size_ + 1) * 3 > slots_.size() * 2) Grow();
  const size_t mask = slots_.size() - 1;
  size_t at = hash & mask;
  for (; slots_[at] != 0; at = (at + 1) & mask) {
    if (slots_[at] == hash) return false;
  }
  slots_[at] = hash;
  ++size_;
  return true;
}

void ClientSet::Merge(const ClientSet& other) {
  for (const auto hash : other.slots_) {
    if (hash != 0) Insert(hash);
  }
}

std::string ClientSet::Encode() const {
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
  return Base64(bytes);
}

std::optional<ClientSet> ClientSet::Decode(std::string_view text) {
  const auto bytes = FromBase64(text);
  if (!bytes || bytes->size() % 8 != 0) return std::nullopt;
  ClientSet out;
  for (size_t i = 0; i < bytes->size(); i += 8) out.Insert(Load(bytes->data() + i, 8));
  return out;
}

}  // namespace aiops
