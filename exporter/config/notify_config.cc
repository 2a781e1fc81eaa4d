#include "config/readers.h"

namespace aiops {

NotifyConfig ReadNotify(const Section& notify) {
  return {ReadCron(notify, "flush_warnings", "*/15 * * * *",
                   {.help = "When people are told what is not critical, all of it in one message: "
                            "minute hour day month weekday, in `timezone`."})};
}

}  // namespace aiops
