// How the daemon is asked or told to do something, and its answer shown. For .cc files of this
// room.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <utility>

#include "ctl/command.h"
#include "ctl/daemon.h"
#include "ctl/json_text.h"

namespace CLI {
class Option;
}

namespace aiops {

// What to post, what the daemon's answer always holds, and how to tell it.
struct OrderText {
  std::string path;
  std::string body;
  std::string member;
  std::string (*told)(const Json& answer, const Invocation& call);
};

// A JSON object of texts; those that are empty are left out, and without any there is no body.
std::string BodyOf(std::initializer_list<std::pair<const char*, const std::string&>> members);

// Returns the exit code.
int Order(const OnlineOptions& options, const OrderText& text, CommandLine& line);

// Asks, and prints the answer, which holds the list `member`, for people or for programs. Returns
// the exit code.
int Show(const OnlineOptions& options, const HttpRequest& request, const char* member,
         const std::function<std::string(const Json&)>& print, CommandLine& line);

// A command under another one, with its examples.
CLI::App& AddUnder(CLI::App& parent, const std::string& name, const std::string& help,
                   const std::string& examples);

// The option `--limit` of a list that the daemon gives in pages.
void AddLimit(CLI::App& command, int& limit);

// An argument or an option that takes the number of a `thing`, which `shown_by` lists.
CLI::Option* AddId(CLI::App& command, const std::string& name, std::int64_t& id,
                   const std::string& thing, const std::string& shown_by);
// The positional argument `id`, an anomaly's.
void AddAnomalyId(CLI::App& command, std::int64_t& id);

}  // namespace aiops
