// Secret: a password or token that no log line, error or page can print by accident.
#pragma once

#include <string>
#include <utility>

namespace aiops {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}

  bool empty() const { return value_.empty(); }
  // The only way to the value; grep for it to see every use.
  const std::string& Reveal() const { return value_; }
  bool operator==(const Secret&) const = default;

 private:
  std::string value_;
};

}  // namespace aiops
