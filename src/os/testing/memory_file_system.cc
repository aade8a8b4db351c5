#include "os/testing/memory_file_system.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <set>

namespace st::os::testing {
namespace {

constexpr std::int64_t kModifiedUs = 1'700'000'000'000'000;

}  // namespace

struct MemoryFileSystem::Inode {
  struct Pending {
    enum class Kind { kWrite, kResize } kind = Kind::kWrite;
    std::uint64_t position = 0;  // of a write, or the new size of a resize
    std::string bytes;
  };
  std::string data;    // the content that a reader sees
  std::string synced;  // the content that survives a power loss at least
  std::vector<Pending> pending;
  std::int64_t changes = 0;

  static void Apply(std::string& to, const Pending& change) {
    if (change.kind == Pending::Kind::kResize) {
      to.resize(change.position, '\0');
      return;
    }
    if (to.size() < change.position + change.bytes.size()) {
      to.resize(change.position + change.bytes.size(), '\0');
    }
    std::memcpy(to.data() + change.position, change.bytes.data(), change.bytes.size());
  }
  void Change(Pending change) {
    Apply(data, change);
    ++changes;
    pending.push_back(std::move(change));
  }
};

struct MemoryFileSystem::State {
  using Names = std::map<std::string, std::shared_ptr<Inode>>;
  Mutex mu;
  Names names ST_GUARDED_BY(mu);         // the names that a reader sees
  Names synced_names ST_GUARDED_BY(mu);  // the names that survive a power loss at least
  std::set<std::string> dirs ST_GUARDED_BY(mu) = {"/", "."};
  std::set<std::string> locks ST_GUARDED_BY(mu);
  std::uint64_t free_bytes ST_GUARDED_BY(mu) = std::uint64_t{1} << 40;
  Guarded<Hook> hook;
  Guarded<ReadHook> read_hook;
  std::atomic<bool> is_cold = false;

  // The new name of a folder is durable at once: only names of files can be lost.
  Status RenameDir(const std::string& from, const std::string& to) ST_REQUIRES(mu) {
    if (names.contains(to) || dirs.contains(to)) {
      return Fail(ErrorCode::kIo, "rename {} to {}: it is there", from, to);
    }
    const auto move = [&](const std::string& path) {
      return path == from || path.starts_with(from + "/") ? to + path.substr(from.size()) : path;
    };
    std::set<std::string> moved_dirs;
    for (const auto& dir : dirs) moved_dirs.insert(move(dir));
    dirs = std::move(moved_dirs);
    for (Names* map : {&names, &synced_names}) {
      Names moved;
      for (auto& [path, inode] : *map) moved[move(path)] = std::move(inode);
      *map = std::move(moved);
    }
    return {};
  }
};

class MemoryFileSystem::MemoryFile final : public File {
 public:
  MemoryFile(MemoryFileSystem& fs, std::shared_ptr<State> state, std::shared_ptr<Inode> inode,
             std::string path)
      : fs_(fs), state_(std::move(state)), inode_(std::move(inode)), path_(std::move(path)) {}

  Result<std::size_t> ReadAt(std::uint64_t position, std::span<char> to) override {
    ReadHook hook;
    state_->read_hook.With([&](const ReadHook& h) { hook = h; });
    if (hook) ST_TRY_STATUS(hook(path_, position));
    MutexLock lock(state_->mu);
    if (position >= inode_->data.size()) return std::size_t{0};
    const std::size_t n = std::min<std::size_t>(to.size(), inode_->data.size() - position);
    std::memcpy(to.data(), inode_->data.data() + position, n);
    return n;
  }
  Result<std::optional<std::size_t>> ReadCachedAt(std::uint64_t position,
                                                  std::span<char> to) override {
    if (state_->is_cold) return std::nullopt;
    return ReadAt(position, to);
  }
  Status WriteAt(std::uint64_t position, std::string_view bytes) override {
    return WriteAllAt(position, std::span(&bytes, 1));
  }
  Status WriteAllAt(std::uint64_t position, std::span<const std::string_view> parts) override {
    ST_TRY_STATUS(fs_.RunHook("write", path_));
    std::string all;
    for (const auto part : parts) all += part;
    MutexLock lock(state_->mu);
    inode_->Change({Inode::Pending::Kind::kWrite, position, std::move(all)});
    return {};
  }
  Status Sync() override {
    ST_TRY_STATUS(fs_.RunHook("sync", path_));
    MutexLock lock(state_->mu);
    for (const auto& change : inode_->pending) Inode::Apply(inode_->synced, change);
    inode_->pending.clear();
    return {};
  }
  Status Allocate(std::uint64_t size) override {
    ST_TRY_STATUS(fs_.RunHook("allocate", path_));
    MutexLock lock(state_->mu);
    if (size > state_->free_bytes + inode_->data.size()) {
      return Fail(ErrorCode::kUnavailable, "allocate {} bytes for {}: no space", size, path_);
    }
    if (inode_->data.size() < size) {
      inode_->Change({Inode::Pending::Kind::kResize, size, {}});
    }
    return {};
  }
  Status Truncate(std::uint64_t size) override {
    ST_TRY_STATUS(fs_.RunHook("truncate", path_));
    MutexLock lock(state_->mu);
    inode_->Change({Inode::Pending::Kind::kResize, size, {}});
    return {};
  }
  Result<std::uint64_t> Size() override {
    MutexLock lock(state_->mu);
    return inode_->data.size();
  }
  Result<std::uint64_t> SizeAt(const std::string& path) const override {
    MutexLock lock(state_->mu);
    const auto named = state_->names.find(path);
    if (named != state_->names.end() && named->second == inode_) return inode_->data.size();
    return Fail(ErrorCode::kIo, "{} was moved, replaced or removed", path);
  }

 private:
  MemoryFileSystem& fs_;
  std::shared_ptr<State> state_;
  std::shared_ptr<Inode> inode_;
  std::string path_;
};

class MemoryFileSystem::MemoryLock final : public FileLock {
 public:
  MemoryLock(std::shared_ptr<State> state, std::string path)
      : state_(std::move(state)), path_(std::move(path)) {}
  ~MemoryLock() override {
    MutexLock lock(state_->mu);
    state_->locks.erase(path_);
  }
  Status CheckPlace() const override {
    MutexLock lock(state_->mu);
    if (state_->dirs.contains(path_)) return {};
    return Fail(ErrorCode::kIo, "{} was moved or removed", path_);
  }

 private:
  std::shared_ptr<State> state_;
  std::string path_;
};

MemoryFileSystem::MemoryFileSystem() : state_(std::make_shared<State>()) {}
MemoryFileSystem::~MemoryFileSystem() = default;

Status MemoryFileSystem::RunHook(const std::string& step, const std::string& path) {
  Hook hook;
  state_->hook.With([&](const Hook& h) { hook = h; });
  return hook ? hook(step, path) : Status{};
}

Result<std::unique_ptr<File>> MemoryFileSystem::Open(const std::string& path, OpenMode mode) {
  const bool may_create = mode == OpenMode::kCreateNew || mode == OpenMode::kCreate;
  if (may_create) ST_TRY_STATUS(RunHook("create", path));
  MutexLock lock(state_->mu);
  if (state_->dirs.contains(path)) return Fail(ErrorCode::kIo, "open {}: Is a directory", path);
  auto found = state_->names.find(path);
  if (found == state_->names.end()) {
    if (!may_create) return Fail(ErrorCode::kNotFound, "open {}: no such file", path);
    if (!state_->dirs.contains(DirName(path))) {
      return Fail(ErrorCode::kNotFound, "open {}: no such folder", path);
    }
    found = state_->names.emplace(path, std::make_shared<Inode>()).first;
  } else if (mode == OpenMode::kCreateNew) {
    return Fail(ErrorCode::kAlreadyExists, "open {}: file exists", path);
  }
  return std::make_unique<MemoryFile>(*this, state_, found->second, path);
}

Result<bool> MemoryFileSystem::Exists(const std::string& path) {
  MutexLock lock(state_->mu);
  return state_->names.contains(path) || state_->dirs.contains(path);
}

Result<std::vector<std::string>> MemoryFileSystem::List(const std::string& dir) {
  MutexLock lock(state_->mu);
  if (!state_->dirs.contains(dir))
    return Fail(ErrorCode::kNotFound, "list {}: no such folder", dir);
  std::vector<std::string> found;
  const auto add = [&](const std::string& path) {
    if (path != dir && DirName(path) == dir) found.push_back(path.substr(path.rfind('/') + 1));
  };
  for (const auto& [path, inode] : state_->names) add(path);
  for (const auto& path : state_->dirs) add(path);
  std::ranges::sort(found);
  return found;
}

Status MemoryFileSystem::CreateDirs(const std::string& dir) {
  MutexLock lock(state_->mu);
  for (std::string at = dir; at != "/" && at != "."; at = DirName(at)) {
    if (!state_->names.contains(at)) continue;
    return Fail(ErrorCode::kAlreadyExists, ErrorDetail::kWrongKindOfFile,
                "{} exists and is not a folder", at);
  }
  for (std::string at = dir; at != "/" && at != "."; at = DirName(at)) state_->dirs.insert(at);
  return {};
}

Status MemoryFileSystem::Remove(const std::string& path) {
  ST_TRY_STATUS(RunHook("remove", path));
  MutexLock lock(state_->mu);
  if (state_->dirs.contains(path)) return Fail(ErrorCode::kIo, "remove {}: Is a directory", path);
  if (state_->names.erase(path) == 0) {
    return Fail(ErrorCode::kNotFound, "remove {}: no such file", path);
  }
  return {};
}

Status MemoryFileSystem::RemoveDir(const std::string& dir) {
  ST_TRY_STATUS(RunHook("remove", dir));
  MutexLock lock(state_->mu);
  const auto is_inside = [&](const std::string& path) { return path.starts_with(dir + "/"); };
  if (std::ranges::any_of(state_->dirs, is_inside) ||
      std::ranges::any_of(state_->names, is_inside, [](const auto& name) { return name.first; })) {
    return Fail(ErrorCode::kIo, "remove {}: Directory not empty", dir);
  }
  if (state_->dirs.erase(dir) == 0) {
    return Fail(ErrorCode::kNotFound, "remove {}: no such folder", dir);
  }
  return {};
}

Status MemoryFileSystem::Rename(const std::string& from, const std::string& to) {
  ST_TRY_STATUS(RunHook("rename", to));
  MutexLock lock(state_->mu);
  if (state_->dirs.contains(from)) return state_->RenameDir(from, to);
  if (state_->dirs.contains(to)) return Fail(ErrorCode::kIo, "rename {}: Is a directory", to);
  const auto found = state_->names.find(from);
  if (found == state_->names.end()) {
    return Fail(ErrorCode::kNotFound, "rename {}: no such file", from);
  }
  auto inode = found->second;
  state_->names.erase(found);
  state_->names[to] = std::move(inode);
  return {};
}

Status MemoryFileSystem::Link(const std::string& from, const std::string& to) {
  ST_TRY_STATUS(RunHook("link", to));
  MutexLock lock(state_->mu);
  const auto found = state_->names.find(from);
  if (found == state_->names.end())
    return Fail(ErrorCode::kNotFound, "link {}: no such file", from);
  if (!state_->names.emplace(to, found->second).second) {
    return Fail(ErrorCode::kAlreadyExists, "link {}: file exists", to);
  }
  return {};
}

Status MemoryFileSystem::SyncDir(const std::string& dir) {
  ST_TRY_STATUS(RunHook("syncdir", dir));
  MutexLock lock(state_->mu);
  std::erase_if(state_->synced_names,
                [&](const auto& entry) { return DirName(entry.first) == dir; });
  for (const auto& [path, inode] : state_->names) {
    if (DirName(path) == dir) state_->synced_names[path] = inode;
  }
  return {};
}

Result<std::uint64_t> MemoryFileSystem::FreeBytes(const std::string&) {
  MutexLock lock(state_->mu);
  return state_->free_bytes;
}

Result<std::int64_t> MemoryFileSystem::ModifiedUs(const std::string& path) {
  MutexLock lock(state_->mu);
  if (state_->names.contains(path)) return kModifiedUs;
  return Fail(ErrorCode::kNotFound, "stat {}: no such file", path);
}

Result<FileIdentity> MemoryFileSystem::Identity(const std::string& path) {
  MutexLock lock(state_->mu);
  const auto found = state_->names.find(path);
  if (found == state_->names.end()) {
    return Fail(ErrorCode::kNotFound, "stat {}: no such file", path);
  }
  const auto& inode = found->second;
  return FileIdentity{.inode = reinterpret_cast<std::uintptr_t>(inode.get()),
                      .size_bytes = inode->data.size(),
                      .modified_ns = kModifiedUs * 1000,
                      .changed_ns = inode->changes};
}

Result<std::unique_ptr<FileLock>> MemoryFileSystem::Lock(const std::string& path) {
  MutexLock lock(state_->mu);
  if (!state_->locks.insert(path).second) {
    return Fail(ErrorCode::kUnavailable, "{} is locked by another process", path);
  }
  return std::make_unique<MemoryLock>(state_, path);
}

std::unique_ptr<MemoryFileSystem> MemoryFileSystem::Crash(Random& random) const {
  auto after = std::make_unique<MemoryFileSystem>();
  MutexLock lock(state_->mu);
  MutexLock after_lock(after->state_->mu);
  after->state_->dirs = state_->dirs;
  std::map<const Inode*, std::shared_ptr<Inode>> survivors;
  const auto survive = [&](const std::shared_ptr<Inode>& inode) {
    auto& slot = survivors[inode.get()];
    if (slot) return slot;
    slot = std::make_shared<Inode>();
    slot->synced = inode->synced;
    for (const auto& change : inode->pending) {
      const auto fate = random.Next() % 4;
      if (fate == 0) continue;  // lost
      Inode::Pending applied = change;
      if (fate == 1 && change.kind == Inode::Pending::Kind::kWrite && change.bytes.size() > 512) {
        applied.bytes.resize(random.Next() % (change.bytes.size() / 512 + 1) * 512);  // torn
      }
      Inode::Apply(slot->synced, applied);
    }
    slot->data = slot->synced;
    return slot;
  };
  State::Names names = state_->synced_names;
  std::set<std::string> changed;
  for (const auto& [path, inode] : state_->names) changed.insert(path);
  for (const auto& [path, inode] : state_->synced_names) changed.insert(path);
  for (const auto& path : changed) {
    const auto now = state_->names.find(path);
    const auto then = state_->synced_names.find(path);
    const auto* now_inode = now == state_->names.end() ? nullptr : now->second.get();
    const auto* then_inode = then == state_->synced_names.end() ? nullptr : then->second.get();
    if (now_inode == then_inode || random.Next() % 2 == 0) continue;
    if (now_inode == nullptr) {
      names.erase(path);
    } else {
      names[path] = now->second;
    }
  }
  for (const auto& [path, inode] : names) after->state_->names[path] = survive(inode);
  after->state_->synced_names = after->state_->names;
  return after;
}

std::unique_ptr<MemoryFileSystem> MemoryFileSystem::Copy() const {
  auto copy = std::make_unique<MemoryFileSystem>();
  MutexLock lock(state_->mu);
  MutexLock copy_lock(copy->state_->mu);
  copy->state_->dirs = state_->dirs;
  for (const auto& [path, inode] : state_->names) {
    auto twin = std::make_shared<Inode>();
    twin->data = twin->synced = inode->data;
    copy->state_->names[path] = twin;
  }
  copy->state_->synced_names = copy->state_->names;
  return copy;
}

void MemoryFileSystem::SetCold(bool is_cold) { state_->is_cold = is_cold; }

void MemoryFileSystem::SetReadHook(ReadHook hook) {
  state_->read_hook.With([&](ReadHook& h) { h = std::move(hook); });
}

void MemoryFileSystem::SetHook(Hook hook) {
  state_->hook.With([&](Hook& h) { h = std::move(hook); });
}

void MemoryFileSystem::SetFreeBytes(std::uint64_t bytes) {
  MutexLock lock(state_->mu);
  state_->free_bytes = bytes;
}

std::string MemoryFileSystem::Contents(const std::string& path) const {
  MutexLock lock(state_->mu);
  const auto found = state_->names.find(path);
  return found == state_->names.end() ? "" : found->second->data;
}

void MemoryFileSystem::Overwrite(const std::string& path, std::string bytes) {
  MutexLock lock(state_->mu);
  auto& slot = state_->names[path];
  if (!slot) slot = std::make_shared<Inode>();
  slot->data = slot->synced = std::move(bytes);
  ++slot->changes;
  slot->pending.clear();
  state_->synced_names[path] = slot;
}

std::vector<std::string> MemoryFileSystem::Paths() const {
  MutexLock lock(state_->mu);
  std::vector<std::string> paths;
  for (const auto& [path, inode] : state_->names) paths.push_back(path);
  return paths;
}

}  // namespace st::os::testing
