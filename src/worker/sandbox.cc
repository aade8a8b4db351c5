#include "worker/sandbox.h"

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <initializer_list>
#include <vector>

#include "os/file_system.h"
#include "os/process.h"

namespace st::worker {
namespace {

#if defined(__x86_64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_AARCH64;
#else
#error "the sandbox knows x86-64 and ARM64"
#endif

constexpr std::uint32_t kAllow = SECCOMP_RET_ALLOW;
constexpr std::uint32_t Refuse(int error) {
  return SECCOMP_RET_ERRNO | static_cast<std::uint32_t>(error);
}

// Builds a seccomp program from its first instruction to its last.
class Filter {
 public:
  Filter() {
    Load(offsetof(seccomp_data, arch));
    Add(BPF_JMP | BPF_JEQ | BPF_K, kArchitecture, 1, 0);
    Return(SECCOMP_RET_KILL_PROCESS);
    Load(offsetof(seccomp_data, nr));
  }
  void Deny(std::initializer_list<long> calls, int error) {
    for (const long call : calls) {
      Add(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(call), 0, 1);
      Return(Refuse(error));
    }
  }
  // Allows the call if no bit of `bits` is set in its argument (or, with `wants_bit`, at least
  // one).
  void Test(long call, unsigned argument, std::uint32_t bits, bool wants_bit, int error) {
    Case(call, argument);
    Add(BPF_JMP | BPF_JSET | BPF_K, bits, wants_bit ? 1 : 0, wants_bit ? 0 : 1);
    Return(Refuse(error));
    Return(kAllow);
  }
  // Allows the call if its argument is `value`.
  void Demand(long call, unsigned argument, std::uint32_t value, int error) {
    Case(call, argument);
    Add(BPF_JMP | BPF_JEQ | BPF_K, value, 1, 0);
    Return(Refuse(error));
    Return(kAllow);
  }
  // Returns false if the kernel has no seccomp.
  Result<bool> Install() {
    Return(kAllow);
    const sock_fprog program{static_cast<unsigned short>(code_.size()), code_.data()};
    if (::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program) == 0) {
      return true;
    }
    if (errno == ENOSYS || errno == EINVAL) return false;
    return std::unexpected(os::ErrorFromErrno(errno, "seccomp"));
  }

 private:
  void Add(unsigned what, std::uint32_t k, unsigned char on_true = 0, unsigned char on_false = 0) {
    code_.push_back({static_cast<unsigned short>(what), on_true, on_false, k});
  }
  void Load(std::size_t offset) {
    Add(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(offset));
  }
  void Return(std::uint32_t value) { Add(BPF_RET | BPF_K, value); }
  // Begins the four instructions for `call` by loading the low half of its argument.
  void Case(long call, unsigned argument) {
    Add(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(call), 0, 4);
    Load(offsetof(seccomp_data, args) + argument * sizeof(std::uint64_t));
  }
  std::vector<sock_filter> code_;
};

void DenyAlways(Filter& filter) {
  filter.Deny({SYS_socket,
               SYS_socketpair,
               SYS_connect,
               SYS_bind,
               SYS_listen,
               SYS_accept,
               SYS_accept4,
               SYS_execve,
               SYS_execveat,
               SYS_ptrace,
               SYS_process_vm_readv,
               SYS_process_vm_writev,
               SYS_kill,
               SYS_tkill,
               SYS_pidfd_open,
               SYS_pidfd_send_signal,
               SYS_pidfd_getfd,
               SYS_mount,
               SYS_umount2,
               SYS_pivot_root,
               SYS_chroot,
               SYS_unshare,
               SYS_setns,
               SYS_bpf,
               SYS_perf_event_open,
               SYS_userfaultfd,
               SYS_init_module,
               SYS_finit_module,
               SYS_kexec_load,
               SYS_keyctl,
               SYS_add_key,
               SYS_request_key,
               SYS_open_by_handle_at,
               SYS_name_to_handle_at,
               SYS_memfd_create},
              EPERM);
  // Their flags lie in memory, where a filter cannot read them; the C library falls back to older
  // calls.
  filter.Deny({SYS_clone3, SYS_openat2, SYS_io_uring_setup}, ENOSYS);
#ifdef SYS_fork
  filter.Deny({SYS_fork, SYS_vfork}, EPERM);
#endif
  filter.Test(SYS_clone, 0, CLONE_THREAD, /*wants_bit=*/true, EPERM);
  // abort() signals itself.
  filter.Demand(SYS_tgkill, 0, static_cast<std::uint32_t>(::getpid()), EPERM);
}

void DenyWriting(Filter& filter) {
  filter.Deny({SYS_unlinkat, SYS_renameat2, SYS_mkdirat, SYS_linkat, SYS_symlinkat, SYS_mknodat,
               SYS_truncate, SYS_fallocate, SYS_fchmodat, SYS_fchownat, SYS_utimensat, SYS_setxattr,
               SYS_fsetxattr},
              EACCES);
#ifdef SYS_open
  filter.Deny({SYS_creat, SYS_unlink, SYS_rename, SYS_renameat, SYS_mkdir, SYS_rmdir, SYS_link,
               SYS_symlink, SYS_mknod, SYS_chmod, SYS_chown},
              EACCES);
#endif
  constexpr std::uint32_t kWrites = O_WRONLY | O_RDWR | O_CREAT | O_TRUNC | O_APPEND;
#ifdef SYS_open
  filter.Test(SYS_open, 1, kWrites, /*wants_bit=*/false, EACCES);
#endif
  filter.Test(SYS_openat, 2, kWrites, /*wants_bit=*/false, EACCES);
}

constexpr std::uint64_t kReads = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
constexpr std::uint64_t kChanges = LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_FILE |
                                   LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_DIR;
constexpr std::uint64_t kFirstVersion = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1;
constexpr std::uint64_t kTruncate = 1ULL << 14;  // Landlock has this right since version 3

// Landlock rules that name the files a worker may use.
class FileRules {
 public:
  // Returns false if the kernel has no Landlock.
  Result<bool> Begin() {
    const long version =
        ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
    if (version < 1) return false;
    knows_truncate_ = version >= 3;
    landlock_ruleset_attr rules{};
    rules.handled_access_fs = kFirstVersion | (knows_truncate_ ? kTruncate : 0);
    rules_ = os::UniqueFd(
        static_cast<int>(::syscall(SYS_landlock_create_ruleset, &rules, sizeof(rules), 0)));
    if (!rules_.is_open()) return std::unexpected(os::ErrorFromErrno(errno, "landlock"));
    return true;
  }
  Status AllowFolder(const std::string& path, bool may_change) {
    return Allow(path, may_change ? kReads | kChanges | (knows_truncate_ ? kTruncate : 0) : kReads);
  }
  // Not an error if there is no such file.
  Status AllowReading(const std::string& path, std::uint64_t rights) {
    if (::access(path.c_str(), R_OK) != 0) return {};
    return Allow(path, rights);
  }
  Status Enter() {
    // DuckDB reads its cgroup limits when it opens, and fails if it may not.
    ST_TRY_STATUS(AllowReading("/proc/self/cgroup", LANDLOCK_ACCESS_FS_READ_FILE));
    ST_TRY_STATUS(AllowReading("/sys/fs/cgroup", kReads));
    if (::syscall(SYS_landlock_restrict_self, rules_.get(), 0) != 0) {
      return std::unexpected(os::ErrorFromErrno(errno, "landlock"));
    }
    return {};
  }

 private:
  Status Allow(const std::string& path, std::uint64_t rights) {
    const os::UniqueFd fd(::open(path.c_str(), O_PATH | O_CLOEXEC));
    if (!fd.is_open()) return std::unexpected(os::ErrorFromErrno(errno, path));
    landlock_path_beneath_attr rule{};
    rule.allowed_access = rights;
    rule.parent_fd = fd.get();
    if (::syscall(SYS_landlock_add_rule, rules_.get(), LANDLOCK_RULE_PATH_BENEATH, &rule, 0) != 0) {
      return std::unexpected(os::ErrorFromErrno(errno, "landlock: " + path));
    }
    return {};
  }

  os::UniqueFd rules_;
  bool knows_truncate_ = false;
};

Status RestrictFiles(const engine::WorkerSettings& settings) {
  FileRules rules;
  ST_TRY(const bool has_landlock, rules.Begin());
  if (!has_landlock) return {};
  std::string warehouse = settings.warehouse;
  while (warehouse.size() > 1 && warehouse.ends_with('/')) warehouse.pop_back();
  if (!warehouse.empty()) {
    const bool may_change = !settings.is_query && settings.output_folder.empty();
    ST_TRY_STATUS(rules.AllowFolder(warehouse, may_change));
    if (!settings.is_query) {
      ST_TRY_STATUS(rules.AllowFolder(os::DirName(warehouse), /*may_change=*/false));
    }
  }
  if (!settings.is_query && !settings.output_folder.empty()) {
    ST_TRY_STATUS(rules.AllowFolder(settings.output_folder, /*may_change=*/true));
  }
  return rules.Enter();
}

}  // namespace

Status EnterSandbox(const engine::WorkerSettings& settings) {
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
    return std::unexpected(os::ErrorFromErrno(errno, "prctl"));
  }
  ST_TRY_STATUS(RestrictFiles(settings));
  Filter filter;
  DenyAlways(filter);
  if (settings.is_query) DenyWriting(filter);
  ST_TRY(const bool has_seccomp, filter.Install());
  static_cast<void>(has_seccomp);  // without seccomp only Landlock and DuckDB's own limits remain
  return {};
}

}  // namespace st::worker
