#include "ctl/csv_table.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <optional>
#include <utility>

#include "model/sample.h"
#include "text/sanitize.h"

namespace aiops {
namespace {

constexpr size_t kLongestLine = 1 << 20;  // more is no table
constexpr double kMostSeconds = 2.5e11;   // since the epoch: the year 9000 or so

std::string_view Trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// nullopt: no number. Missing counts as one.
std::optional<double> NumberOf(std::string_view text) {
  text = Trimmed(text);
  if (text.empty() || text == "NA" || text == "null") return kMissing;
  if (text.front() == '+') text.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end != text.data() + text.size()) return std::nullopt;
  // Out of range is either beyond every double or nearer to 0 than any.
  if (error == std::errc::result_out_of_range)
    return text.find("e-") == text.npos && text.find("E-") == text.npos ? kMissing : 0;
  if (error != std::errc()) return std::nullopt;
  return std::isfinite(value) ? value : kMissing;
}

// "2013-07-04 00:00:00", in UTC.
std::optional<Time> PlainTimeOf(std::string_view text) {
  constexpr size_t kDate = 10;
  if (text.size() <= kDate || text[kDate] != ' ') return std::nullopt;
  const auto time = ParseTime(std::string(text.substr(0, kDate)) + "T" +
                              std::string(text.substr(kDate + 1)) + "Z");
  return time ? std::optional(*time) : std::nullopt;
}

std::optional<Time> TimeOf(std::string_view text) {
  text = Trimmed(text);
  if (auto time = ParseTime(text)) return *time;
  if (const auto time = PlainTimeOf(text)) return time;
  const auto number = text.empty() ? std::nullopt : NumberOf(text);
  if (!number || !(std::abs(*number) <= kMostSeconds)) return std::nullopt;
  return FromUnixMillis(std::llround(*number * 1000));
}

class CsvReader {
 public:
  CsvReader(std::istream& in, const std::string& name, const CsvOptions& options)
      : in_(in), name_(name), options_(options) {}

  Result<CsvTable> Read();

 private:
  // Whether there was a line; the ends of lines are left out.
  Result<bool> NextLine(std::string& line);
  // Whether there was a record; blank lines are none.
  Result<bool> NextRecord();
  Result<void> ReadHeader();
  std::string Columns() const;
  Result<size_t> ColumnOf(const std::string& title) const;
  Result<void> ReadRow();
  Error Broken(const std::string& what) const {
    return InvalidArgument(name_ + ":" + std::to_string(begin_) + ": " + what);
  }
  std::string Place(size_t column) const {
    return "column '" + Sanitize(header_[column], 60) + "': ";
  }

  std::istream& in_;
  const std::string& name_;
  const CsvOptions& options_;
  std::vector<std::string> fields_;
  std::vector<std::string> header_;
  size_t line_ = 0;             // lines read
  size_t begin_ = 0;            // the line where the record begins
  std::optional<size_t> time_;  // column
  std::vector<size_t> columns_;
  CsvTable table_;
};

Result<bool> CsvReader::NextLine(std::string& line) {
  line.clear();
  std::streambuf& bytes = *in_.rdbuf();
  int next = bytes.sbumpc();
  if (next == std::char_traits<char>::eof()) return false;
  for (++line_; next != std::char_traits<char>::eof() && next != '\n'; next = bytes.sbumpc()) {
    if (line.size() == kLongestLine) {
      begin_ = line_;
      return Broken("the line is longer than a mebibyte: no CSV file");
    }
    line += static_cast<char>(next);
  }
  return true;
}

Result<bool> CsvReader::NextRecord() {
  fields_.clear();
  std::string line;
  do {
    AIOPS_TRY(const bool any, NextLine(line));
    if (!any) return false;
    begin_ = line_;
    if (!line.empty() && line.back() == '\r') line.pop_back();
  } while (line.empty());
  std::string field;
  bool quoted = false;
  for (size_t i = 0;; ++i) {
    if (i == line.size() && quoted) {  // the field goes on in the next line
      field += '\n';
      AIOPS_TRY(const bool any, NextLine(line));
      if (!any || field.size() > kLongestLine) return Broken("a quote without its end");
      i = static_cast<size_t>(-1);
    } else if (i == line.size() || (line[i] == ',' && !quoted)) {
      fields_.push_back(std::exchange(field, {}));
      if (i == line.size()) return true;
    } else if (line[i] == '\r' && !quoted && i + 1 == line.size()) {
      continue;  // of CRLF, behind a field of several lines
    } else if (line[i] != '"') {
      field += line[i];
    } else if (quoted && i + 1 < line.size() && line[i + 1] == '"') {
      field += line[++i];
    } else {
      quoted = !quoted;
    }
  }
}

// "'time', 'cpu' and 9 more"
std::string CsvReader::Columns() const {
  constexpr size_t kMost = 5;
  std::string out;
  for (size_t i = 0; i < std::min(header_.size(), kMost); ++i)
    out += (i == 0 ? "'" : ", '") + Sanitize(header_[i], 60) + "'";
  if (header_.size() > kMost) out += " and " + std::to_string(header_.size() - kMost) + " more";
  return out;
}

Result<size_t> CsvReader::ColumnOf(const std::string& title) const {
  const auto it = std::find(header_.begin(), header_.end(), title);
  if (it == header_.end())
    return Broken("there is no column '" + Sanitize(title, 60) + "', but " + Columns());
  if (std::find(it + 1, header_.end(), title) != header_.end())
    return Broken("there are two columns '" + Sanitize(title, 60) + "'");
  return static_cast<size_t>(it - header_.begin());
}

Result<void> CsvReader::ReadHeader() {
  AIOPS_TRY(const bool any, NextRecord());
  if (!any) return Broken("the file is empty; the first line must name the columns");
  header_ = fields_;
  if (header_[0].starts_with("\xef\xbb\xbf")) header_[0].erase(0, 3);
  const bool timed =
      std::find(header_.begin(), header_.end(), options_.time_column) != header_.end();
  if (timed || options_.needs_time) {
    AIOPS_TRY(time_, ColumnOf(options_.time_column));
  }
  table_.features = options_.features;
  if (table_.features.empty())
    std::copy_if(header_.begin(), header_.end(), std::back_inserter(table_.features),
                 [&](const auto& title) { return title != options_.time_column; });
  if (table_.features.empty()) return Broken("there is no column beside the time");
  for (const auto& feature : table_.features) {
    AIOPS_TRY(const size_t column, ColumnOf(feature));
    columns_.push_back(column);
  }
  return {};
}

Result<void> CsvReader::ReadRow() {
  if (fields_.size() != header_.size())
    return Broken(std::to_string(fields_.size()) + " fields, but the header has " +
                  std::to_string(header_.size()));
  const auto time = time_ ? TimeOf(fields_[*time_]) : Time{};
  if (!time)
    return Broken(Place(*time_) + "'" + Sanitize(fields_[*time_], 60) +
                  "' is neither a time (RFC 3339, or 2013-07-04 00:00:00) nor seconds since 1970");
  table_.times.push_back(*time);
  for (const size_t column : columns_) {
    const auto value = NumberOf(fields_[column]);
    if (!value)
      return Broken(Place(column) + "'" + Sanitize(fields_[column], 60) + "' is no number");
    table_.values.push_back(*value);
  }
  return {};
}

Result<CsvTable> CsvReader::Read() {
  AIOPS_TRY_VOID(ReadHeader());
  for (;;) {
    AIOPS_TRY(const bool any, NextRecord());
    if (!any) return std::move(table_);
    AIOPS_TRY_VOID(ReadRow());
  }
}

}  // namespace

Result<CsvTable> ReadCsv(std::istream& in, const std::string& name, const CsvOptions& options) {
  return CsvReader(in, name, options).Read();
}

Result<CsvTable> LoadCsv(const std::string& file, const CsvOptions& options) {
  if (file == "-") return ReadCsv(std::cin, "standard input", options);
  std::ifstream in(file);
  std::error_code unknown;
  const bool folder = std::filesystem::is_directory(file, unknown);
  if (!in || folder)
    return InvalidArgument("cannot read " + file + ": " +
                           (folder ? "it is a folder" : std::strerror(errno)) +
                           "; name a CSV file with a header");
  return ReadCsv(in, file, options);
}

std::string CsvField(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == text.npos) return std::string(text);
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + '"';
}

}  // namespace aiops
