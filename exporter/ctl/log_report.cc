#include "ctl/log_report.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <ostream>

#include "base/time.h"
#include "ctl/json_text.h"
#include "ctl/terminal.h"
#include "text/human_number.h"

namespace aiops {
namespace {

constexpr size_t kWorstMinutes = 5;

std::string StatusText(int status) {
  const std::string digits = std::to_string(status);
  return std::string(3 - std::min<size_t>(3, digits.size()), '0') + digits;
}

std::string Quoted(const std::string& text) {
  return TerminalJson(Json(text).dump(-1, ' ', false, Json::error_handler_t::replace));
}

// Members of an object, one after another.
class Members {
 public:
  explicit Members(std::ostream& out) : out_(out) { out_ << "{"; }
  std::ostream& operator()(const std::string& key) {
    out_ << (first_ ? "" : ",") << Quoted(key) << ":";
    first_ = false;
    return out_;
  }
  void End() { out_ << "}"; }

 private:
  std::ostream& out_;
  bool first_ = true;
};

void PrintMalformed(const LogTally& tally, std::ostream& out) {
  Members member(out);
  for (int i = 1; i < kLineFaultCount; ++i) {
    const auto fault = static_cast<LineFault>(i);
    if (tally.bad(fault) > 0) member(std::string(ToString(fault))) << tally.bad(fault);
  }
  member.End();
}

void PrintStatuses(const LogTally& tally, std::ostream& out) {
  Members member(out);
  for (int status = 0; status < 1000; ++status) {
    if (tally.with_status(status) > 0) member(StatusText(status)) << tally.with_status(status);
  }
  member.End();
}

void PrintFiles(const std::vector<ReadLog>& files, std::ostream& out) {
  out << "[";
  for (const auto& file : files) {
    out << (&file == files.data() ? "" : ",");
    Members member(out);
    member("file") << Quoted(file.path);
    member("format") << (file.format.empty() ? "null" : Quoted(file.format));
    member("wrapper") << Quoted(file.wrapper);
    member.End();
  }
  out << "]";
}

// Written as they come: the minutes of a year as one document would take hundreds of megabytes.
void PrintMinutes(const LogTally& tally, std::ostream& out) {
  out << "[";
  bool first = true;
  for (const auto& m : tally.minutes()) {
    out << (first ? "\n" : ",\n");
    first = false;
    Members member(out);
    member("time") << Quoted(FormatTime(m.begin()));
    member("requests") << m.requests;
    member("errors_4xx") << m.errors_4xx;
    member("errors_5xx") << m.errors_5xx;
    member("unique_clients") << m.clients;
    member("bytes_sent") << m.bytes;
    member.End();
  }
  out << "]";
}

std::string Bytes(std::uint64_t bytes) { return HumanNumber(static_cast<double>(bytes), "bytes"); }

void PrintTotals(const LogReport& report, std::ostream& out) {
  const LogTally& tally = report.tally;
  for (const auto& file : report.files) {
    out << TerminalText(file.path) << ": "
        << (file.empty            ? "no line in it"
            : file.format.empty() ? "no known format fits; name yours with --format"
                                  : "format " + TerminalText(file.format))
        << (file.wrapper == "none" ? "" : ", wrapped by " + file.wrapper) << "\n";
  }
  const auto& minutes = tally.minutes();
  Table totals{{"TOTAL", ""}, {}};
  totals.rows.push_back({"lines", std::to_string(tally.valid() + tally.bad())});
  totals.rows.push_back({"valid", std::to_string(tally.valid())});
  for (int i = 1; i < kLineFaultCount; ++i) {
    const auto fault = static_cast<LineFault>(i);
    if (tally.bad(fault) > 0)
      totals.rows.push_back({std::string(ToString(fault)), std::to_string(tally.bad(fault))});
  }
  if (tally.ignored() > 0)
    totals.rows.push_back({"ignored", std::to_string(tally.ignored()) + " (stderr)"});
  totals.rows.push_back({"clients", std::to_string(tally.clients())});
  totals.rows.push_back({"sent", Bytes(tally.bytes())});
  if (!minutes.empty()) {
    totals.rows.push_back({"from", FormatTime(minutes.front().begin())});
    totals.rows.push_back({"to", FormatTime(minutes.back().begin() + std::chrono::minutes(1))});
  }
  out << Render(totals, "  ");
}

void PrintStatusTable(const LogTally& tally, std::ostream& out) {
  Table table{{"STATUS", "REQUESTS"}, {}};
  for (int status = 0; status < 1000; ++status) {
    if (tally.with_status(status) > 0)
      table.rows.push_back({StatusText(status), std::to_string(tally.with_status(status))});
  }
  if (!table.rows.empty()) out << "\n" << Render(table, "  ");
}

void PrintWorst(const LogTally& tally, std::ostream& out) {
  std::vector<MinuteCounts> worst;
  for (const auto& minute : tally.minutes()) {
    if (minute.errors_4xx + minute.errors_5xx == 0) continue;
    worst.push_back(minute);
    std::sort(worst.begin(), worst.end(), [](const auto& a, const auto& b) {
      return std::tuple(b.errors_5xx, b.errors_4xx, a.minute) <
             std::tuple(a.errors_5xx, a.errors_4xx, b.minute);
    });
    if (worst.size() > kWorstMinutes) worst.pop_back();
  }
  Table table{{"WORST MINUTES", "REQUESTS", "4XX", "5XX", "CLIENTS", "SENT"}, {}};
  for (const auto& m : worst) {
    table.rows.push_back({FormatTime(m.begin()), std::to_string(m.requests),
                          std::to_string(m.errors_4xx), std::to_string(m.errors_5xx),
                          std::to_string(m.clients), Bytes(m.bytes)});
  }
  if (!table.rows.empty()) out << "\n" << Render(table, "  ");
}

void PrintBroken(const LogReport& report, std::ostream& out) {
  if (report.broken.empty()) return;
  out << "\nThe first lines that could not be read:\n";
  for (const auto& line : report.broken) {
    out << "  " << TerminalText(line.path) << ":" << line.number << ": " << line.reason
        << (line.text.empty() ? "" : ": " + TerminalText(line.text, 160)) << "\n";
  }
}

}  // namespace

void PrintJson(const LogReport& report, std::ostream& out) {
  const LogTally& tally = report.tally;
  Members member(out);
  member("lines") << tally.valid() + tally.bad();
  member("valid") << tally.valid();
  PrintMalformed(tally, member("malformed"));
  PrintStatuses(tally, member("status"));
  member("bytes_sent") << tally.bytes();
  member("unique_clients") << tally.clients();
  member("ignored") << tally.ignored();
  PrintFiles(report.files, member("files"));
  PrintMinutes(tally, member("minutes"));
  member.End();
  out << "\n";
}

void PrintTables(const LogReport& report, std::ostream& out) {
  PrintTotals(report, out);
  PrintStatusTable(report.tally, out);
  PrintWorst(report.tally, out);
  PrintBroken(report, out);
}

}  // namespace aiops
