// Result<T>: a value or an Error. The subset of std::expected that we use, because GCC 12 has no
// <expected> in C++20; moving on is one alias.
//
// An error is either returned or handled (logged and counted), never both. Constructors cannot
// fail: a type that can, has `static Result<T> Open(...)`.
#pragma once

#include <chrono>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace aiops {

// What went wrong, coarsely. The kind alone decides whether to retry, and is the `reason` label.
enum class ErrorKind {
  kInvalidArgument,
  kNotFound,
  kUnavailable,
  kTimeout,
  kCancelled,
  kUnauthorized,
  kRateLimited,
  kCorruption,
  kInternal,
};

// The label value of a kind: "invalid_argument", "not_found", ...
std::string_view ToString(ErrorKind kind);

// Whether the same call may succeed later without anybody changing anything.
bool Retryable(ErrorKind kind);

struct Error {
  ErrorKind kind = ErrorKind::kInternal;
  std::string message;  // one sentence for a person; never holds a secret
  std::optional<std::chrono::seconds> retry_after = std::nullopt;  // as told by a server
  bool perhaps_done = false;  // what was asked may have happened all the same: no answer tells

  // Puts what was being done in front: Wrap("read access.log") -> "read access.log: <message>".
  Error Wrap(std::string_view doing) && {
    message = std::string(doing) + ": " + message;
    return std::move(*this);
  }
  Error Wrap(std::string_view doing) const& { return Error(*this).Wrap(doing); }
};

inline Error InvalidArgument(std::string m) { return {ErrorKind::kInvalidArgument, std::move(m)}; }
inline Error NotFound(std::string m) { return {ErrorKind::kNotFound, std::move(m)}; }
inline Error Unavailable(std::string m) { return {ErrorKind::kUnavailable, std::move(m)}; }
inline Error Timeout(std::string m) { return {ErrorKind::kTimeout, std::move(m)}; }
inline Error Cancelled(std::string m) { return {ErrorKind::kCancelled, std::move(m)}; }
inline Error Corruption(std::string m) { return {ErrorKind::kCorruption, std::move(m)}; }
inline Error Internal(std::string m) { return {ErrorKind::kInternal, std::move(m)}; }

// Aborts with the place and the message: a broken invariant, never bad input.
[[noreturn]] void CheckFailed(const char* file, int line, const char* what);
#define AIOPS_CHECK(condition) \
  ((condition) ? static_cast<void>(0) : ::aiops::CheckFailed(__FILE__, __LINE__, #condition))

template <class T>
class [[nodiscard]] Result {
 public:
  using value_type = T;
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  bool has_value() const { return state_.index() == 0; }
  explicit operator bool() const { return has_value(); }

  T& value() & { return Checked(*this); }
  const T& value() const& { return Checked(*this); }
  T&& value() && { return std::move(Checked(*this)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  const Error& error() const& { return CheckedError(*this); }
  Error&& error() && { return std::move(CheckedError(*this)); }

  template <class U>
  T value_or(U&& other) const& {
    return has_value() ? **this : static_cast<T>(std::forward<U>(other));
  }

 private:
  template <class Self>
  static auto& Checked(Self& self) {
    AIOPS_CHECK(self.has_value());
    return *std::get_if<0>(&self.state_);
  }
  template <class Self>
  static auto& CheckedError(Self& self) {
    AIOPS_CHECK(!self.has_value());
    return *std::get_if<1>(&self.state_);
  }
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  using value_type = void;
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}

  bool has_value() const { return !error_; }
  explicit operator bool() const { return has_value(); }
  const Error& error() const& {
    AIOPS_CHECK(error_.has_value());
    return *error_;
  }
  Error&& error() && {
    AIOPS_CHECK(error_.has_value());
    return std::move(*error_);
  }

 private:
  std::optional<Error> error_;
};

#define AIOPS_CONCAT_(a, b) a##b
#define AIOPS_CONCAT(a, b) AIOPS_CONCAT_(a, b)
#define AIOPS_TRY_(declaration, expression, result) \
  auto result = (expression);                       \
  if (!result) return std::move(result).error();    \
  declaration = *std::move(result)

// AIOPS_TRY(auto body, Read(path)); returns the error from the enclosing function, or declares.
#define AIOPS_TRY(declaration, expression) \
  AIOPS_TRY_(declaration, expression, AIOPS_CONCAT(aiops_result_, __LINE__))

// The same for Result<void>.
#define AIOPS_TRY_VOID(expression) \
  if (auto aiops_status = (expression); !aiops_status) return std::move(aiops_status).error()

}  // namespace aiops
