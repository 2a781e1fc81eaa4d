// A container engine that has nothing but logs, and answers as Docker 20.10 or Podman do.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "net/http_client.h"

namespace aiops {

inline constexpr std::int64_t kNanos = 1'000'000'000;

inline std::string LogStamp(std::int64_t ns, bool whole_seconds = false) {
  const std::string text = FormatTime(FromUnixMillis(ns / kNanos * 1000));
  if (whole_seconds) return text + " ";
  const std::string nanos = std::to_string(kNanos + ns % kNanos).substr(1);
  return text.substr(0, text.size() - 1) + "." + nanos + "Z ";
}

inline std::string LogFrameOf(const std::string& text, char stream = 1) {
  std::string head{stream, 0, 0, 0};
  for (const int shift : {24, 16, 8, 0})
    head.push_back(static_cast<char>(text.size() >> shift & 0xff));
  return head + text;
}

class FakeLogEngine {
 public:
  struct Entry {
    std::int64_t ns = 0;
    std::string text;  // with its newline
    char stream = 1;
  };
  struct Log {
    std::string name;
    std::vector<Entry> entries;
    bool tty = false;
    std::string state = "running";
    int status = 200;  // of an answer about the log, and its body if it is another
    std::string refusal;
  };

  // The log of the container `id` (of hex digits), which is there from now on.
  Log& Of(const std::string& id, const std::string& name = "web") {
    Log& log = logs[Long(id)];
    log.name = name;
    return log;
  }
  void Remove(const std::string& id) { logs.erase(Long(id)); }

  Result<HttpResponse> operator()(const HttpRequest& request) {
    ++requests;
    if (fail_with) return *fail_with;
    if (request.path == "/_ping") return Pong();
    if (request.path == "/v1.41/containers/json") return Ok(List());
    const std::string prefix = "/v1.41/containers/";
    const auto found = logs.find(request.path.substr(prefix.size(), 64));
    if (found == logs.end()) return HttpResponse{.status = 404, .body = "no such container"};
    const Log& log = found->second;
    if (request.path.ends_with("/json"))
      return Ok("{\"State\":{\"Status\":\"running\"},\"Config\":{\"Tty\":" +
                std::string(log.tty ? "true" : "false") + "}}");
    queries.push_back(request.query);
    if (log.status != 200) return HttpResponse{.status = log.status, .body = log.refusal};
    return Ok(Body(log, request.query));
  }

  std::map<std::string, Log> logs;
  std::optional<Error> fail_with;
  bool podman = false;  // whole seconds, later than `since`
  bool old_fashioned =
      false;  // ... does not filter what comes behind the first that is late enough
  int requests = 0;
  std::vector<std::string> queries;  // about logs

 private:
  static std::string Long(const std::string& id) { return id + std::string(64 - id.size(), '0'); }
  static Result<HttpResponse> Ok(std::string body) {
    return HttpResponse{.status = 200, .body = std::move(body)};
  }
  Result<HttpResponse> Pong() const {
    HttpResponse pong{.status = 200, .body = "OK"};
    pong.headers = {{"api-version", "1.41"}};
    if (podman) pong.headers.emplace_back("libpod-api-version", "4.3.1");
    return pong;
  }

  std::string List() const {
    std::string out;
    for (const auto& [id, log] : logs) {
      out += (out.empty() ? "" : ",") + std::string("{\"Id\":\"") + id + "\",\"Names\":[\"/" +
             log.name + "\"],\"State\":\"" + log.state + "\"}";
    }
    return "[" + out + "]";
  }

  static std::string Parameter(const std::string& query, const std::string& name) {
    const auto at = ("&" + query).find("&" + name + "=");
    if (at == std::string::npos) return "";
    const auto begin = at + name.size() + 1;
    return query.substr(begin, query.find('&', begin) - begin);
  }

  std::string Body(const Log& log, const std::string& query) const {
    const std::string since = Parameter(query, "since");
    const std::string tail = Parameter(query, "tail");
    const auto dot = since.find('.');
    const std::int64_t from = since.empty() ? 0
                                            : std::stoll(since.substr(0, dot)) * kNanos +
                                                  std::stoll(since.substr(dot + 1));
    const size_t wanted = tail.empty() ? log.entries.size() : std::stoul(tail);
    std::string out;
    bool passed = false;
    for (size_t i = log.entries.size() - std::min(wanted, log.entries.size());
         i < log.entries.size(); ++i) {
      const Entry& entry = log.entries[i];
      const bool late = podman ? entry.ns > from : entry.ns >= from;
      if (!late && !passed) continue;
      passed = passed || !old_fashioned;
      if (entry.stream != 1) continue;
      const std::string text = LogStamp(entry.ns, podman) + entry.text;
      out += log.tty ? text : LogFrameOf(text, entry.stream);
    }
    return out;
  }
};

}  // namespace aiops
