#include "store/sqlite_error.h"

#include <sqlite3.h>

#include "store/files.h"

namespace aiops {

Error SqliteError(int code, const std::string& path, const std::string& message, int system_errno) {
  const std::string reason =
      system_errno == 0 ? message : message + ", " + SystemMessage(system_errno);
  switch (code & 0xff) {
    case SQLITE_FULL:
      return Unavailable("cannot write " + path +
                         ": the disk is full; free some space, writing then goes on by itself");
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return Unavailable(
          path +
          " is locked by another program; close it (an open sqlite3 shell, a backup), "
          "writing then goes on by itself");
    case SQLITE_IOERR:
      return Unavailable("cannot read or write " + path + ": " + reason +
                         "; check the disk and its free space");
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return Unavailable(
          "cannot write " + path + ": " + reason +
          "; check that the file and its folder exist, belong to this user and are writable");
    case SQLITE_PROTOCOL:
    case SQLITE_NOMEM:
      return Unavailable("cannot use " + path + ": " + message);
    case SQLITE_CONSTRAINT:
    case SQLITE_TOOBIG:
    case SQLITE_MISMATCH:
      return InvalidArgument(path + " can never take what was to be written: " + message);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return Corruption(path + " is damaged: " + message);
    default:
      return Internal(path + ": " + message);
  }
}

}  // namespace aiops
