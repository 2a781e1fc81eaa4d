// ClientSet: exact numbers of distinct clients, without keeping an address.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace aiops {

// SipHash-2-4 (Aumasson & Bernstein 2012) with a secret key: clients can neither be read back nor
// chosen so that they collide. Two of 100,000 clients share a hash with probability 3e-10.
class ClientHasher {
 public:
  using Key = std::array<std::uint64_t, 2>;
  explicit ClientHasher(Key key) : key_(key) {}
  static Key RandomKey();

  std::uint64_t operator()(std::string_view client) const;
  const Key& key() const { return key_; }

 private:
  Key key_;
};

// Hashes in an open-addressing table. Not thread-safe.
class ClientSet {
 public:
  // True if it was not there.
  bool Insert(std::uint64_t hash);
  void Merge(const ClientSet& other);
  size_t size() const { return size_; }

  // Sorted hashes, little endian, base64.
  std::string Encode() const;
  static std::optional<ClientSet> Decode(std::string_view text);

 private:
  void Grow();

  std::vector<std::uint64_t> slots_;  // power of two; 0 is empty
  size_t size_ = 0;
};

}  // namespace aiops
