#include "worker/transform_job.h"

#include <utility>

namespace st::worker {
namespace {

class Transformer : public TransformHandler {
 public:
  Transformer(WorkerSettings settings, os::FileSystem& fs)
      : settings_(std::move(settings)), fs_(fs) {}

  Result<jobs::TransformResult> Transform(const jobs::TransformJob& job,
                                          JobControl& control) override {
    static_cast<void>(job);
    static_cast<void>(fs_);
    ST_TRY_STATUS(control.Check());
    return Fail(ErrorCode::kUnsupported, "this build runs no transforms");
  }

  Result<std::vector<jobs::ColumnInfo>> Describe(const std::string& sql,
                                                 JobControl& control) override {
    static_cast<void>(sql);
    ST_TRY_STATUS(control.Check());
    return Fail(ErrorCode::kUnsupported, "this build describes no transforms");
  }

  bool is_broken() const override { return false; }

 private:
  const WorkerSettings settings_;
  os::FileSystem& fs_;
};

}  // namespace

std::unique_ptr<TransformHandler> MakeTransformHandler(const WorkerSettings& settings,
                                                       os::FileSystem& fs) {
  return std::make_unique<Transformer>(settings, fs);
}

}  // namespace st::worker
