#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

#include "web/metric_table.h"
#include "web/metrics.h"

namespace aiops {
namespace {

// Fields of /proc/self/stat, counted as in proc(5), from the third on: the second may hold
// anything.
struct ProcessStat {
  double utime = 0, stime = 0, threads = 0, start = 0, virtual_bytes = 0, resident_pages = 0;
};

bool ReadStat(ProcessStat& stat) {
  std::ifstream file("/proc/self/stat");
  std::string line;
  if (!std::getline(file, line)) return false;
  const size_t end = line.rfind(')');
  if (end == std::string::npos) return false;
  std::istringstream fields(line.substr(end + 2));
  std::string skipped;
  for (int field = 3; field <= 24; ++field) {
    double* target = field == 14   ? &stat.utime
                     : field == 15 ? &stat.stime
                     : field == 20 ? &stat.threads
                     : field == 22 ? &stat.start
                     : field == 23 ? &stat.virtual_bytes
                     : field == 24 ? &stat.resident_pages
                                   : nullptr;
    if (target != nullptr) {
      fields >> *target;
    } else {
      fields >> skipped;
    }
  }
  return static_cast<bool>(fields);
}

double BootTime() {
  std::ifstream file("/proc/stat");
  std::string word;
  double value = 0;
  while (file >> word) {
    if (word == "btime" && file >> value) return value;
  }
  return kMissing;
}

double CountOpenFiles() {
  DIR* folder = opendir("/proc/self/fd");
  if (folder == nullptr) return kMissing;
  int count = 0;
  while (const dirent* entry = readdir(folder)) count += entry->d_name[0] != '.';
  closedir(folder);
  return count - 1;  // the folder itself
}

}  // namespace

void AddProcessMetrics(MetricSet& out) {
  ProcessStat stat;
  if (ReadStat(stat)) {
    const double ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
    out.Add("process_cpu_seconds_total", {}, (stat.utime + stat.stime) / ticks);
    out.Add("process_threads", {}, stat.threads);
    static const double boot = BootTime();
    out.Add("process_start_time_seconds", {}, boot + stat.start / ticks);
    out.Add("process_virtual_memory_bytes", {}, stat.virtual_bytes);
    out.Add("process_resident_memory_bytes", {},
            stat.resident_pages * static_cast<double>(sysconf(_SC_PAGESIZE)));
  }
  out.Add("process_open_fds", {}, CountOpenFiles());
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY) {
    out.Add("process_max_fds", {}, static_cast<double>(limit.rlim_cur));
  }
}

}  // namespace aiops
