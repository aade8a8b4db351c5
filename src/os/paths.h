// Facts about paths of the real file system, for settings and the command line. Stores use
// FileSystem, so that tests can replace their disk.
//
// Threads: safe from any thread.
#pragma once

#include <cstdio>
#include <memory>
#include <string>

#include "base/result.h"
#include "os/process.h"

namespace st::os {

enum class PathKind {
  kMissing,  // also where a folder of the path may not be searched
  kFile,     // a regular file
  kFolder,
  kOther,  // a pipe, a socket, a device
};
// Of what the path leads to: links are followed.
PathKind KindOfPath(const std::string& path);

// The path from the root, with "." and ".." as they were.
std::string AbsolutePath(const std::string& path);
// The path from the root without links, "." and ".."; its end need not exist. kIo, kNotFound.
Result<std::string> CanonicalPath(const std::string& path);
// Whether both paths lead to one existing file.
bool IsSameFile(const std::string& a, const std::string& b);

// Whether this process may read, write and search the folder.
bool MayUseFolder(const std::string& folder);

// The folder in which relative paths begin.
Result<std::string> WorkingDir();

// Absolute path of the running executable.
Result<std::string> ExecutablePath();

// A file, pipe or device that is read from its beginning to its end.
struct CloseStream {
  void operator()(std::FILE* stream) const { std::fclose(stream); }
};
using Stream = std::unique_ptr<std::FILE, CloseStream>;
Result<Stream> OpenStream(const std::string& path);
// A descriptor of /dev/null; closed where there is none left.
UniqueFd OpenNull();

// Creates a folder for temporary files: <folder for such>/<prefix>-<random>. The caller removes it.
Result<std::string> MakeTemporaryDir(const std::string& prefix);
// Removes a folder that is empty. kIo: it is not, or cannot be removed.
Status RemoveEmptyDir(const std::string& folder);
// Removes a folder with everything in it, as far as that is possible.
void RemoveTree(const std::string& folder);

}  // namespace st::os
