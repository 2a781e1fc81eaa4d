// The machine itself, where there is no Prometheus: processor, memory, disks and network from
// /proc, and how full its file systems are. docs/collectors/host.md says what each number means.
#include <array>

#include "collect/collector.h"
#include "collect/glob.h"
#include "collect/host/filesystem_watch.h"
#include "collect/host/proc_text.h"
#include "collect/host/rates.h"
#include "text/sanitize.h"

namespace aiops {
namespace {

struct HostOptions {
  bool enabled = true;
  std::string procfs = "/proc";
  std::vector<std::string> ignored_network_devices;
  bool watch_filesystems = true;
  host::FilesystemOptions filesystem;
};

constexpr std::array<std::string_view, 5> kExpressions{"cpu_percent", "memory_percent", "disk_io",
                                                       "network_rx", "network_tx"};

HostOptions ReadOptions(const Section& section) {
  HostOptions options;
  options.enabled = section.Bool("enabled", true, {.help = "Whether to watch this machine."});
  options.procfs =
      section.String("procfs", "/proc",
                     {.help = "Where the host's /proc is; in a container, where it is mounted."});
  options.ignored_network_devices = section.Strings(
      "ignored_network_devices",
      {"lo", "veth*", "docker*", "br-*", "cni*", "flannel*", "cali*", "virbr*", "ifb*"},
      {.help = "Network devices that are left out of the sums, by shell pattern."});
  options.filesystem.rootfs = section.String(
      "rootfs", "/",
      {.help = "Where the host's file systems are; in a container, where its root is mounted."});
  options.filesystem.ignored_types = section.Strings(
      "ignored_filesystems",
      {"tmpfs", "ramfs", "devtmpfs", "overlay", "squashfs", "erofs", "iso9660", "udf", "proc",
       "sysfs", "cgroup*", "nsfs", "autofs"},
      {.help =
           "Types of file systems that are not watched, by shell pattern. Network and FUSE file "
           "systems never are: a dead server would hang the question."});
  const auto filesystem = section.Child("filesystem", "Facts about file systems.");
  options.watch_filesystems = filesystem.Bool(
      "enabled", true, {.help = "Whether to watch file systems for being full or read-only."});
  options.filesystem.full_percent = filesystem.Number(
      "full_percent", 95,
      {.help = "Use above this is the fact filesystem_full.", .min = "1", .max = "100"});
  options.filesystem.filling_hours = filesystem.Number(
      "filling_hours", 4,
      {.help = "Full within so many hours at the present speed is the fact filesystem_filling.",
       .min = "0.1",
       .max = "168"});
  return options;
}

class HostCollector final : public Collector {
 public:
  HostCollector(HostOptions options, CollectorContext context)
      : options_(std::move(options)), context_(std::move(context)), watch_(options_.filesystem) {}

  Result<void> Restore(std::string_view checkpoint) override { return watch_.Restore(checkpoint); }
  void Advance(Time until, std::stop_token stop) override;
  Result<Collected> Collect(const Tick& tick, std::stop_token stop) override;
  Evidence Explain(Window window) override;

 private:
  // Reads a file below procfs; empty, with a note, if that fails.
  std::string Read(const std::string& name, Collected& out);
  host::CounterReading ReadCounters(Collected& out);
  Result<void> LookAtFilesystems(const Tick& tick, Collected& out);
  void AddReadings(const host::Rates& rates, std::optional<double> memory_percent,
                   Collected& out) const;

  const HostOptions options_;
  const CollectorContext context_;
  host::FilesystemWatch watch_;
  std::vector<Fact> last_facts_;
  std::optional<host::CounterReading> last_;
  Time last_time_{};
  std::string busiest_disk_;
};

std::string HostCollector::Read(const std::string& name, Collected& out) {
  auto text = host::ReadProcFile(options_.procfs + "/" + name);
  if (text) return *std::move(text);
  out.notes.push_back(Sanitize(text.error().message));
  return {};
}

host::CounterReading HostCollector::ReadCounters(Collected& out) {
  host::CounterReading reading;
  reading.at = context_.clock.Steady();
  reading.cpu_idle_ticks = host::ParseCpuIdle(Read("stat", out));
  reading.disk_busy_ms = host::ParseDiskBusy(Read("diskstats", out));
  // /proc/net is that of whoever reads; init's is the host's.
  auto net_dev = host::ReadProcFile(options_.procfs + "/1/net/dev");
  reading.network = host::ParseNetworkBytes(net_dev ? *net_dev : Read("net/dev", out));
  const auto ignored = [this](const auto& device) {
    return MatchesAnyGlob(options_.ignored_network_devices, device.first);
  };
  std::erase_if(reading.network.received, ignored);
  std::erase_if(reading.network.transmitted, ignored);
  return reading;
}

Result<void> HostCollector::LookAtFilesystems(const Tick& tick, Collected& out) {
  // A daemon's own mount namespace may show all read-only (systemd's ProtectSystem=); init's does
  // not.
  auto mountinfo = host::ReadProcFile(options_.procfs + "/1/mountinfo");
  if (!mountinfo) mountinfo = host::ReadProcFile(options_.procfs + "/self/mountinfo");
  // What cannot be seen has not ended.
  out.facts = last_facts_;
  if (!mountinfo) return mountinfo.error().Wrap("file systems are not watched");
  const auto boot_id = host::ReadProcFile(options_.procfs + "/sys/kernel/random/boot_id", 256);
  last_facts_ = watch_.Look(*mountinfo, boot_id ? *boot_id : std::string(), context_.clock.Steady(),
                            tick.end);
  out.facts = last_facts_;
  out.checkpoint = watch_.Snapshot();
  out.counters[{"filesystem_errors", ""}] = watch_.total_errors();
  return {};
}

void HostCollector::AddReadings(const host::Rates& rates, std::optional<double> memory_percent,
                                Collected& out) const {
  const std::array<double, kExpressions.size()> values{
      rates.cpu_percent, memory_percent.value_or(kMissing), rates.disk_io, rates.network_rx,
      rates.network_tx};
  for (const auto& feature : context_.features) {
    for (size_t i = 0; i < kExpressions.size(); ++i)
      if (feature.expr == kExpressions[i] && !IsMissing(values[i]))
        out.readings.push_back({feature.ref, {}, values[i]});
  }
}

// The first reading is taken at the start, so that the first tick has rates too.
void HostCollector::Advance(Time, std::stop_token) {
  Collected unheard;  // Collect() will say again what cannot be read
  if (!last_ && !context_.features.empty()) last_ = ReadCounters(unheard);
}

Result<Collected> HostCollector::Collect(const Tick& tick, std::stop_token stop) {
  if (stop.stop_requested()) return Cancelled("stopped");
  Collected out;
  host::Rates rates;
  std::optional<double> memory_percent;
  if (!context_.features.empty()) {
    auto reading = ReadCounters(out);
    memory_percent = host::ParseMemoryPercent(Read("meminfo", out));
    if (last_) rates = host::ComputeRates(*last_, reading);
    if (!last_ || reading.at - last_->at >= host::kShortestSpan) last_ = std::move(reading);
    if (out.notes.size() >= 4)
      return NotFound("nothing can be read below " + Sanitize(options_.procfs) + " (" +
                      Sanitize(out.notes.front()) +
                      "): collect.host.procfs says where the host's /proc is");
  }
  if (options_.watch_filesystems) {
    const auto looked = LookAtFilesystems(tick, out);
    if (!looked && context_.features.empty()) return looked.error();
    if (!looked) out.notes.push_back(Sanitize(looked.error().message));
  }
  AddReadings(rates, memory_percent, out);
  last_time_ = tick.end;
  busiest_disk_ = Sanitize(rates.busiest_disk);
  return out;
}

Evidence HostCollector::Explain(Window window) {
  Evidence evidence;
  if (last_time_ < window.from) return evidence;
  const auto add = [&](std::string text) {
    evidence.push_back(
        {"E" + std::to_string(evidence.size() + 1), "host", last_time_, std::move(text)});
  };
  if (!busiest_disk_.empty()) add("The busiest disk was " + busiest_disk_ + ".");
  constexpr size_t kMaxItems = 8;
  for (const auto& view : watch_.view())
    if (view.usage && evidence.size() < kMaxItems)
      add(view.mount_point + " is " + host::SpaceText(*view.usage) + ".");
  return evidence;
}

std::unique_ptr<Collector> Make(const Section& section, CollectorContext context) {
  auto options = ReadOptions(section);
  for (const auto& feature : context.features) {
    const std::vector<std::string> known(kExpressions.begin(), kExpressions.end());
    if (!MatchesAnyGlob(known, feature.expr))
      section.Report("",
                     "the host has no feature '" + Sanitize(feature.expr) +
                         "', only cpu_percent, memory_percent, disk_io, network_rx, network_tx");
  }
  const bool wanted = !context.features.empty() || options.watch_filesystems;
  if (!options.enabled || !wanted) return nullptr;
  return std::make_unique<HostCollector>(std::move(options), std::move(context));
}

}  // namespace

extern const CollectorDescriptor kHostCollector;
const CollectorDescriptor kHostCollector{
    .name = "host",
    .section = "host",
    .help = "Processor, memory, disks, network and file systems of this machine, from /proc.",
    .facts = {{"filesystem_full", Severity::kCritical, "A file system is nearly full."},
              {"filesystem_filling", Severity::kWarning,
               "A file system will be full within hours at its present speed."},
              {"filesystem_readonly", Severity::kCritical,
               "A file system that was writable has become read-only."}},
    .make = Make,
};

}  // namespace aiops
