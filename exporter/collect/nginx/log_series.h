// Which file is which: finds known files of a log again among those that lie there now.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "collect/nginx/log_file.h"
#include "collect/nginx/log_file_state.h"
#include "collect/nginx/siblings.h"

namespace aiops {

using FileId = std::pair<std::uint64_t, std::uint64_t>;  // device and inode

// A gzip file that was taken for what is known by this, was read up to the offset, and is not it.
// It may still be another of the known files.
struct Refusal {
  FileId file;
  std::uint64_t offset = 0;
  Fingerprint before;
};

// Opens what was listed. kNotFound if something else bears the name by now: the directory has moved
// on since.
Result<LogFile> OpenListed(const Sibling& listed);

// Where the known files are: a place in a series, or nothing. For one look at a directory.
class LogPlaces {
 public:
  using Places = std::vector<std::optional<size_t>>;

  // `open`: the known files are held open, so that their inodes are proof; else the content must
  // agree too. `series` and `refused` must outlive this.
  LogPlaces(std::span<const Sibling> series, std::span<const Refusal> refused)
      : series_(series), refused_(refused), taken_(series.size()) {}

  // Gives each of `known` (oldest first) its place, first by inode, then by content, if possible in
  // this order. No two get the same, in several calls neither.
  Places Locate(std::span<const LogFileState> known, bool open);
  // The two steps of it, for those that have to be located in between.
  Places LocateByInode(std::span<const LogFileState> known, bool open);
  void LocateOthers(std::span<const LogFileState> known, bool open, Places& places);

  // The places between `after` and `before` (without them; or the series' ends) that nobody got.
  std::vector<size_t> Free(std::optional<size_t> after, std::optional<size_t> before) const;

 private:
  std::optional<size_t> ByInode(const LogFileState& known, bool open);
  std::optional<size_t> ByContent(std::span<const LogFileState> known, size_t i,
                                  const Places& places);
  int Unlikely(size_t place, const LogFileState& known, bool in_order) const;
  void Take(Places& places, size_t i, std::optional<size_t> place);
  static bool InOrder(const Places& places, size_t i, size_t place);
  bool IsRefused(size_t place, const LogFileState& known) const;
  bool IsCopyUnderWay(size_t place, const LogFile& file) const;
  bool MayBe(size_t place, const LogFileState& known);
  bool BeginsAs(size_t place, const Fingerprint& fingerprint);

  std::span<const Sibling> series_;
  std::span<const Refusal> refused_;
  std::vector<bool> taken_;
  // The first bytes of those that were looked into, by place; none if they cannot be read. However
  // many files are known, each of the series is looked into once.
  std::map<size_t, std::optional<std::string>> heads_;
};

}  // namespace aiops
