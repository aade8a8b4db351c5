#include "lake/metadata_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

#include "base/crc32c.h"
#include "base/ids.h"
#include "base/remedy.h"
#include "lake/limits.h"

namespace st::lake {

namespace {

constexpr std::size_t kDigits = 8;
constexpr std::size_t kUuidLength = 36;
constexpr std::string_view kZeros = "00000000";
// A version begins so, and goes on with the digits and kKeyEnd.
constexpr std::string_view kKeyBegin = R"({"steelthread.crc32c":")";
constexpr std::string_view kKeyEnd = R"(",)";
// A version of an earlier build, or of another program, begins so.
constexpr std::string_view kFirstKeyOfIceberg = R"({"format-version":)";
static_assert(kVersionChecksumBytes + 1 == kKeyBegin.size() + kDigits + kKeyEnd.size());

std::string Text(std::uint32_t crc) { return fmt::format("{:08x}", crc); }

// The checksum in the name of a file; nullopt: an earlier build named it.
std::optional<std::string_view> ChecksumIn(std::string_view location) {
  auto name = location.substr(location.rfind('/') + 1);
  name = name.substr(0, name.rfind('.'));
  if (name.size() < kUuidLength + 1 + kDigits) return std::nullopt;
  const auto digits = name.substr(name.size() - kDigits);
  name.remove_suffix(kDigits);
  const auto is_digit = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  if (!name.ends_with('-') || !std::ranges::all_of(digits, is_digit)) return std::nullopt;
  name.remove_suffix(1);
  if (!Uuid::Parse(name.substr(name.size() - kUuidLength))) return std::nullopt;
  return digits;
}

// "table default.purchases", of a file in a folder of the table.
std::string TableAt(std::string_view location) {
  std::string_view parts[4];  // the last: file, folder, table, schema
  for (auto& part : parts) {
    const auto slash = location.rfind('/');
    if (slash == std::string_view::npos) break;
    part = location.substr(slash + 1);
    location = location.substr(0, slash);
  }
  return fmt::format("table {}.{}", parts[3], parts[2]);
}

std::string Differs(std::string_view found, std::string_view want) {
  return fmt::format("its bytes have the checksum {}, want {}", found, want);
}

Result<std::string> ReadBytes(Storage& storage, const std::string& location) {
  auto bytes = storage.Read(location, kMaxMetadataBytes);
  if (bytes) return bytes;
  if (bytes.error().code() != ErrorCode::kNotFound) return MetadataError(bytes.error(), location);
  return MissingMetadata(location);
}

// What is wrong with the checksum of a version; "": nothing.
std::string WrongChecksum(std::string_view bytes) {
  if (!bytes.starts_with(kKeyBegin)) {
    return bytes.starts_with(kFirstKeyOfIceberg)
               ? ""
               : "it begins neither with its checksum nor with its format-version";
  }
  const auto behind = bytes.substr(kKeyBegin.size());
  if (behind.size() < kDigits + kKeyEnd.size() || !behind.substr(kDigits).starts_with(kKeyEnd)) {
    return "its checksum is not whole";
  }
  const auto crc = Crc32c(behind.substr(kDigits), Crc32c(kZeros, Crc32c(kKeyBegin)));
  const auto want = behind.substr(0, kDigits);
  return want == Text(crc) ? "" : Differs(Text(crc), want);
}

}  // namespace

std::string NameWithChecksum(std::string_view name, std::string_view bytes) {
  const auto dot = name.rfind('.');
  return fmt::format("{}-{}{}", name.substr(0, dot), Text(Crc32c(bytes)), name.substr(dot));
}

Result<std::string> WriteMetadataFile(Storage& storage, const TableFolder& folder,
                                      std::string_view name, std::string_view bytes) {
  auto location = folder.metadata_file(NameWithChecksum(name, bytes));
  ST_TRY_STATUS(storage.Write(location, bytes));
  return location;
}

Result<std::string> ReadMetadataFile(Storage& storage, const std::string& location) {
  ST_TRY(auto bytes, ReadBytes(storage, location));
  const auto want = ChecksumIn(location);
  if (!want) return bytes;
  const auto found = Text(Crc32c(bytes));
  if (found != *want) return DamagedMetadata(location, Differs(found, *want));
  return bytes;
}

std::string VersionWithChecksum(std::string_view json) {
  const auto rest = json.substr(1);  // behind the brace
  const auto crc = Crc32c(rest, Crc32c(kKeyEnd, Crc32c(kZeros, Crc32c(kKeyBegin))));
  return fmt::format("{}{}{}{}", kKeyBegin, Text(crc), kKeyEnd, rest);
}

Result<std::string> ReadVersionFile(Storage& storage, const std::string& location) {
  ST_TRY(auto bytes, ReadBytes(storage, location));
  if (const auto wrong = WrongChecksum(bytes); !wrong.empty()) {
    return DamagedMetadata(location, wrong);
  }
  return bytes;
}

Result<iceberg::TableMetadata> ParseVersion(std::string_view bytes, const std::string& location) {
  return OfMetadataFile(iceberg::ParseTableMetadata(bytes), location);
}

std::unexpected<Error> MetadataError(const Error& error, std::string_view location) {
  if (error.code() == ErrorCode::kCorruption) return DamagedMetadata(location, error.message());
  return std::unexpected(error.WithContext(location).WithContext(TableAt(location)));
}

std::unexpected<Error> DamagedMetadata(std::string_view location, std::string_view what) {
  return Fail(ErrorCode::kCorruption, "{}: its metadata file {} is damaged: {}; {}",
              TableAt(location), location, what, kRestoreRemedy);
}

std::unexpected<Error> MissingMetadata(std::string_view location) {
  return Fail(ErrorCode::kCorruption, "{}: its metadata file {} is missing; {}", TableAt(location),
              location, kRestoreRemedy);
}

}  // namespace st::lake
