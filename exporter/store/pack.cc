#include "store/pack.h"

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

namespace aiops {
namespace {

constexpr std::uint64_t kContributionsFormat = 2;  // 1 has no gates
constexpr size_t kContributionBytesAtLeast = 2 + 5 * 8;

// How one value of a vector is kept. The values are stored: never renumber.
enum Tag : unsigned { kTagMissing, kTagZero, kTagFloat, kTagDouble };

Tag TagOf(double v) {
  if (std::isnan(v)) return kTagMissing;
  if (std::bit_cast<std::uint64_t>(v) == 0) return kTagZero;
  if (std::abs(v) > static_cast<double>(std::numeric_limits<float>::max()) && !std::isinf(v))
    return kTagDouble;
  const double narrowed = static_cast<float>(v);
  return std::bit_cast<std::uint64_t>(narrowed) == std::bit_cast<std::uint64_t>(v) ? kTagFloat
                                                                                   : kTagDouble;
}

class Writer {
 public:
  void Varint(std::uint64_t v) {
    for (; v >= 0x80; v >>= 7) Byte(static_cast<unsigned>(v | 0x80));
    Byte(static_cast<unsigned>(v));
  }
  void Byte(unsigned v) { out_.push_back(static_cast<char>(v & 0xff)); }
  void Fixed(std::uint64_t v, int bytes) {
    for (int i = 0; i < bytes; ++i) Byte(static_cast<unsigned>(v >> (8 * i)));
  }
  void Double(double v) { Fixed(std::bit_cast<std::uint64_t>(v), 8); }
  void Text(std::string_view text) {
    Varint(text.size());
    out_.append(text);
  }
  std::string Take() { return std::move(out_); }

 private:
  std::string out_;
};

// Past the end or on nonsense it turns bad and gives zeros; the caller checks Done() once.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  unsigned Byte() { return static_cast<unsigned>(Fixed(1)); }
  std::uint64_t Varint() {
    std::uint64_t v = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      const std::uint64_t byte = Fixed(1);
      v |= (byte & 0x7f) << shift;
      if (byte < 0x80) return v;
    }
    ok_ = false;
    return 0;
  }
  std::uint64_t Fixed(size_t bytes) {
    const std::string_view raw = Take(bytes);
    std::uint64_t v = 0;
    for (size_t i = 0; i < raw.size(); ++i) {
      v |= std::uint64_t{static_cast<unsigned char>(raw[i])} << (8 * i);
    }
    return v;
  }
  double Double() { return std::bit_cast<double>(Fixed(8)); }
  std::string Text() { return std::string(Take(Varint())); }
  std::string_view Take(std::uint64_t bytes) {
    if (!ok_ || bytes > rest_.size()) {
      ok_ = false;
      return {};
    }
    const std::string_view taken = rest_.substr(0, bytes);
    rest_.remove_prefix(bytes);
    return taken;
  }
  // A number of items that take at least so many bytes each: more than fit is nonsense.
  size_t Count(size_t bytes_at_least) {
    const std::uint64_t count = Varint();
    if (count > rest_.size() / bytes_at_least) ok_ = false;
    return ok_ ? count : 0;
  }
  size_t remaining() const { return rest_.size(); }
  void Refuse() { ok_ = false; }
  bool Done() const { return ok_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

double ReadValue(Reader& reader, unsigned tag) {
  switch (tag) {
    case kTagMissing:
      return kMissing;
    case kTagZero:
      return 0;
    case kTagFloat:
      return static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(reader.Fixed(4))));
    default:
      return reader.Double();
  }
}

Gate ReadGate(Reader& reader) {
  const std::uint64_t gate = reader.Varint();
  if (gate < kGateCount) return static_cast<Gate>(gate);
  reader.Refuse();
  return Gate::kNone;
}

}  // namespace

std::string PackValues(const std::vector<double>& values) {
  Writer writer;
  writer.Varint(values.size());
  for (size_t i = 0; i < values.size(); i += 4) {
    unsigned tags = 0;
    for (size_t j = i; j < std::min(i + 4, values.size()); ++j)
      tags |= TagOf(values[j]) << (2 * (j - i));
    writer.Byte(tags);
  }
  for (const double v : values) {
    const Tag tag = TagOf(v);
    if (tag == kTagFloat) writer.Fixed(std::bit_cast<std::uint32_t>(static_cast<float>(v)), 4);
    if (tag == kTagDouble) writer.Double(v);
  }
  return writer.Take();
}

Result<std::vector<double>> UnpackValues(std::string_view bytes) {
  Reader reader(bytes);
  const std::uint64_t count = reader.Varint();
  if (count > reader.remaining() * 4) reader.Refuse();
  const std::string_view tags = reader.Take(count / 4 + (count % 4 != 0 ? 1 : 0));
  std::vector<double> values;
  if (!tags.empty()) values.reserve(count);
  for (size_t i = 0; i < count && i / 4 < tags.size(); ++i) {
    values.push_back(
        ReadValue(reader, (static_cast<unsigned char>(tags[i / 4]) >> (2 * (i % 4))) & 3u));
  }
  if (!reader.Done()) return Corruption("a stored feature vector is damaged");
  return values;
}

std::string PackNames(const std::vector<std::string>& names) {
  Writer writer;
  writer.Varint(names.size());
  for (const std::string& name : names) writer.Text(name);
  return writer.Take();
}

Result<std::vector<std::string>> UnpackNames(std::string_view bytes) {
  Reader reader(bytes);
  std::vector<std::string> names(reader.Count(1));
  for (std::string& name : names) name = reader.Text();
  if (!reader.Done()) return Corruption("stored feature names are damaged");
  return names;
}

std::string PackLabels(const Labels& labels) {
  Writer writer;
  writer.Varint(labels.size());
  for (const auto& [name, value] : labels) {
    writer.Text(name);
    writer.Text(value);
  }
  return writer.Take();
}

Result<Labels> UnpackLabels(std::string_view bytes) {
  Reader reader(bytes);
  Labels labels(reader.Count(2));
  for (auto& [name, value] : labels) {
    name = reader.Text();
    value = reader.Text();
  }
  if (!reader.Done()) return Corruption("stored labels are damaged");
  return labels;
}

std::string PackContributions(const std::vector<Contribution>& contributions) {
  Writer writer;
  writer.Varint(kContributionsFormat);
  writer.Varint(contributions.size());
  for (const Contribution& c : contributions) {
    writer.Text(c.feature);
    writer.Text(c.unit);
    for (const double v : {c.value, c.expected, c.lower, c.upper, c.share}) writer.Double(v);
    writer.Varint(static_cast<std::uint64_t>(c.gate));
  }
  return writer.Take();
}

Result<std::vector<Contribution>> UnpackContributions(std::string_view bytes) {
  Reader reader(bytes);
  const std::uint64_t format = reader.Varint();
  if (format < 1 || format > kContributionsFormat) reader.Refuse();
  std::vector<Contribution> contributions(reader.Count(kContributionBytesAtLeast));
  for (Contribution& c : contributions) {
    c.feature = reader.Text();
    c.unit = reader.Text();
    for (double* v : {&c.value, &c.expected, &c.lower, &c.upper, &c.share}) *v = reader.Double();
    if (format >= 2) c.gate = ReadGate(reader);
  }
  if (!reader.Done()) return Corruption("stored contributions are damaged");
  return contributions;
}

}  // namespace aiops
