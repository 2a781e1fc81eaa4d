// ModelLog: a log as its writer and logrotate leave it, at random, and which lines lie in which of
// its files.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "collect/nginx/line_parser.h"
#include "fakes/choices.h"
#include "unit/collect/nginx_follower_harness.h"

namespace aiops {

class ModelLog {
 public:
  // What a file holds: the numbers of its whole lines.
  using File = std::vector<int>;
  struct Hooks {
    std::function<void()> look;              // by the reader, in the middle of an operation
    std::function<void()> look_or_end;       // the reader may be ended, too
    std::function<void(const File&)> gone;   // these lines are in no file any more
    std::function<void(std::string)> story;  // what was done
  };
  static constexpr char kLog[] = "access.log";

  // `head`: with what every file begins. All outlives this.
  ModelLog(Choices& choices, FollowerHarness& harness, std::string head, Hooks hooks)
      : choices_(choices),
        h_(harness),
        hooks_(std::move(hooks)),
        dated_(choices.Below(3) == 0),
        padded_(choices.Below(3)),
        head_(std::move(head)) {
    Create();
  }

  const std::map<std::string, File>& files() const { return files_; }
  bool exists() const { return files_.contains(kLog); }

  // Writing.

  void Write() {
    FinishHalf();
    if (held_ != kLog && choices_.OneIn(2)) held_ = kLog;
    if (!exists()) Create();
    for (int n = choices_.Below(4); n >= 0; --n) {
      Append(Line(next_));
      files_[held_].push_back(next_++);
    }
    Say("wrote to " + std::to_string(next_ - 1) + " into " + held_);
  }
  void WriteHalf() {
    FinishHalf();
    const std::string line = Line(next_++);
    const auto half = 1 + static_cast<size_t>(choices_.Below(static_cast<int>(line.size()) - 1));
    Append(line.substr(0, half));
    rest_ = line.substr(half);
    half_in_ = generation_;
    Say("half of " + std::to_string(next_ - 1) + " to " + held_);
  }
  // The beginning of a line that is given up. It has a number, so that no two files begin alike.
  void WriteTooLong() {
    FinishHalf();
    Append("long " + std::to_string(next_++) + std::string(kMaxLineBytes, 'x'));
    rest_ = "x\n";
    half_in_ = kNever;
    Say("too long a line to " + held_);
  }
  // The writer opens the log anew.
  void Reopen() {
    FinishHalf();
    if (!exists()) Create();
    held_ = kLog;
  }

  // Rotating.

  void Rotate() {
    Reopen();
    const std::string to = Shift();
    Rename(kLog, to);
    Say("rotated to " + to);
    if (choices_.OneIn(4)) return;  // the new one comes with the first line, or the next rotation
    files_[kLog] = {};
    h_.Append("");
    if (choices_.OneIn(2)) held_ = kLog;
  }
  void CopyTruncate() {
    if (!Held() || files_[kLog].empty()) return;
    const std::string to = Shift();
    Copy(to);
    if (choices_.OneIn(4)) {  // into no file that stays
      h_.Append(Line(next_++));
      Say("between copy and truncation: " + std::to_string(next_ - 1));
    }
    Empty();
    Say("copied to " + to + " and truncated");
  }
  // By a copy of itself (cp and mv, sed -i, rsync); the writer opens it anew.
  void Replace() {
    Reopen();
    h_.Append(h_.Text(kLog), "new");
    if (choices_.OneIn(3)) hooks_.look_or_end();
    const bool between = choices_.OneIn(4);
    if (between) {  // into no file that stays
      h_.Append(Line(next_++));
      Say("between copy and replacement: " + std::to_string(next_ - 1));
      if (choices_.OneIn(2)) hooks_.look();
    } else if (choices_.OneIn(2)) {
      hooks_.look_or_end();
    }
    h_.Rename("new", kLog);
    ++generation_;
    Say("replaced");
    if (!between) return hooks_.look_or_end();
    // A reader that is ended before it saw where both part cannot tell.
    Write();
    hooks_.look();
  }
  // As logrotate's renamecopy.
  void RenameCopy() {
    Reopen();
    const std::string to = Shift();
    const std::string tmp = std::string(kLog) + ".tmp";
    Rename(kLog, tmp);
    Say("renamed to " + tmp);
    if (choices_.OneIn(2)) Create();
    if (choices_.OneIn(2)) Write();
    held_ = exists() ? kLog : tmp;
    const std::string text = h_.Text(tmp);
    for (size_t at = 0; at < text.size();) {
      const auto size = 1 + static_cast<size_t>(choices_.Below(static_cast<int>(text.size())));
      h_.Append(text.substr(at, size), to);
      at += size;
      Say("copied to " + to + ", " + std::to_string(at) + " of " + std::to_string(text.size()));
      if (choices_.OneIn(2)) hooks_.look_or_end();
      if (exists() && choices_.OneIn(3)) Write();
    }
    if (text.empty()) h_.Append("", to);
    h_.Remove(tmp);
    files_[to] = std::move(files_[tmp]);
    files_.erase(tmp);
    Reopen();
  }
  // Begins it; it may last a while.
  void Compress() {
    EndCompression();
    const auto plain = Rotated(false);
    if (plain.empty()) return;
    compressing_ = plain[static_cast<size_t>(choices_.Below(static_cast<int>(plain.size())))];
    if (compressing_ == held_) Reopen();
    if (choices_.OneIn(2)) return EndCompression();
    const std::string all = Gzipped(h_.Text(compressing_));
    h_.Append(all.substr(0, static_cast<size_t>(choices_.Below(static_cast<int>(all.size())))),
              compressing_ + ".gz");
    Say("compressing " + compressing_);
  }
  void DeleteOldest() {
    EndCompression();
    std::string oldest;
    int first = 1 << 30;
    for (const auto& [name, file] : files_) {
      if (name == kLog || name == held_ || file.empty() || file.front() >= first) continue;
      first = file.front();
      oldest = name;
    }
    if (!oldest.empty()) Delete(oldest);
  }
  // By hand; the writer makes it anew at once. The rest of a line that was truncated is not
  // written: a file that holds nothing else begins like others, and nobody can tell them apart.
  void DeleteLog() {
    if (!Held()) return;
    if (half_in_ != generation_) rest_.clear();
    FinishHalf();
    Delete(kLog);
    if (choices_.OneIn(2)) hooks_.look();
    Create();
  }
  void Truncate() {
    if (!Held()) return;
    hooks_.gone(files_[kLog]);
    Empty();
    Say("truncated");
  }
  // Cut behind one of its lines. Of those that are gone the reader may have known nothing.
  void Cut() {
    if (!Held() || files_[kLog].size() < 2) return;
    const auto lines = static_cast<int>(files_[kLog].size());
    const auto keep = 1 + static_cast<size_t>(choices_.Below(lines - 1));
    h_.Resize(h_.Text(kLog).find("line " + std::to_string(files_[kLog][keep]) + " "));
    files_[kLog].resize(keep);
    ++generation_;
    Say("cut behind " + std::to_string(files_[kLog].back()));
  }

 private:
  static constexpr int kNever = -1;

  void Say(std::string what) { hooks_.story(std::move(what)); }
  std::string Line(int number) {
    static constexpr int kPad[] = {0, 60, 400};
    return "line " + std::to_string(number) + " " +
           std::string(static_cast<size_t>(choices_.Below(kPad[padded_] + 1)), '.') + "\n";
  }
  bool Held() const { return held_ == kLog && exists(); }
  void Create() {
    files_[kLog] = {};
    held_ = kLog;
    h_.Append("");
  }
  void Empty() {
    h_.Resize(0);
    files_[kLog].clear();
    ++generation_;
  }
  void Delete(const std::string& name) {
    h_.Remove(name);
    hooks_.gone(files_[name]);
    files_.erase(name);
    Say("deleted " + name);
  }
  void Append(const std::string& text) {
    h_.Append(std::filesystem::file_size(h_.folder.Path(held_)) == 0 ? head_ + text : text, held_);
  }
  void FinishHalf() {
    if (rest_.empty()) return;
    h_.Append(rest_, held_);
    if (half_in_ == generation_) files_[held_].push_back(next_ - 1);
    rest_.clear();
  }
  void Rename(const std::string& from, const std::string& to) {
    h_.Rename(from, to);
    files_[to] = std::move(files_[from]);
    files_.erase(from);
    if (held_ == from) held_ = to;
  }
  // Makes room for the newest rotated file and returns its name.
  std::string Shift() {
    EndCompression();
    if (dated_) return std::string(kLog) + "-" + std::to_string(20'261'100 + ++rotations_);
    for (int i = 60; i >= 1; --i) {
      for (const char* suffix : {"", ".gz"}) {
        const std::string from = kLog + ("." + std::to_string(i)) + suffix;
        if (files_.contains(from)) Rename(from, kLog + ("." + std::to_string(i + 1)) + suffix);
      }
    }
    return std::string(kLog) + ".1";
  }
  // Half of the time it is looked at while it is still empty or in part.
  void Copy(const std::string& to) {
    if (choices_.OneIn(2)) {
      h_.Copy(to);
    } else {
      const auto size = static_cast<int>(h_.Text(kLog).size());
      const auto part = static_cast<size_t>(choices_.OneIn(2) ? 0 : choices_.Below(size + 1));
      h_.Append(h_.Text(kLog).substr(0, part), to);
      Say("copying to " + to + ", " + std::to_string(part) + " of " + std::to_string(size));
      if (!choices_.OneIn(3)) hooks_.look();
      if (choices_.OneIn(2)) Write();
      if (choices_.OneIn(3)) hooks_.look();
      h_.Append(h_.Text(kLog).substr(part), to);
    }
    files_[to] = files_[kLog];
  }
  std::vector<std::string> Rotated(bool compressed) const {
    std::vector<std::string> out;
    for (const auto& [name, file] : files_) {
      if (name != kLog && name.ends_with(".gz") == compressed) out.push_back(name);
    }
    return out;
  }
  void EndCompression() {
    if (compressing_.empty()) return;
    h_.Remove(compressing_ + ".gz");
    h_.Gzip(compressing_);
    files_[compressing_ + ".gz"] = std::move(files_[compressing_]);
    files_.erase(compressing_);
    Say("compressed " + compressing_);
    compressing_.clear();
  }

  Choices& choices_;
  FollowerHarness& h_;
  const Hooks hooks_;
  const bool dated_;
  const int padded_;
  const std::string head_;
  std::map<std::string, File> files_;
  std::string held_;         // by the writer
  std::string rest_;         // of the line whose first half was written
  std::string compressing_;  // beside its unfinished .gz
  int half_in_ = 0;          // the log's generation then
  int generation_ = 0;       // grows when the log is truncated
  int next_ = 0;             // line
  int rotations_ = 0;
};

}  // namespace aiops
