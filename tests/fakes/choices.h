// Where a model of random operations takes its decisions from: a seed, or the bytes of a fuzzer.
#pragma once

#include <cstdint>
#include <random>
#include <string_view>

namespace aiops {

class Choices {
 public:
  virtual ~Choices() = default;
  // A number from 0 to n - 1; n is at least 1.
  virtual int Below(int n) = 0;
  // False once nothing is decided any more: the model should come to its end.
  virtual bool More() const = 0;

  bool OneIn(int n) { return Below(n) == 0; }
};

class SeededChoices final : public Choices {
 public:
  explicit SeededChoices(unsigned seed) : random_(seed) {}
  int Below(int n) override { return static_cast<int>(random_() % static_cast<unsigned>(n)); }
  bool More() const override { return true; }

 private:
  std::mt19937 random_;
};

// A byte a decision, two where there are more than 256 to choose from; 0 when they are used up. The
// bytes outlive this.
class ByteChoices final : public Choices {
 public:
  explicit ByteChoices(std::string_view bytes) : bytes_(bytes) {}
  int Below(int n) override {
    unsigned value = Next();
    if (n > 256) value = value << 8 | Next();
    return static_cast<int>(value % static_cast<unsigned>(n));
  }
  bool More() const override { return !bytes_.empty(); }

 private:
  unsigned Next() {
    if (bytes_.empty()) return 0;
    const auto byte = static_cast<unsigned char>(bytes_.front());
    bytes_.remove_prefix(1);
    return byte;
  }

  std::string_view bytes_;
};

}  // namespace aiops
