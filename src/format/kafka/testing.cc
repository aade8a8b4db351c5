#include "format/kafka/testing.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "base/text.h"

namespace st::kafka::testing {

namespace {

void ReadRows(const std::string& file, ApiKey key, std::vector<GoldenRequest>& rows) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    const auto first = line.find(" | ");
    const auto second = line.find(" | ", first + 1);
    if (line.starts_with('#') || second == std::string::npos) continue;
    GoldenRequest row;
    std::int16_t row_key = 0;
    std::istringstream head(line.substr(0, first));
    head >> row.client >> row_key >> row.version;
    if (row_key != static_cast<std::int16_t>(key)) continue;
    row.meaning = line.substr(first + 3, second - first - 3);
    row.frame = HexDecode(line.substr(second + 3)).value();
    rows.push_back(std::move(row));
  }
}

}  // namespace

std::vector<GoldenRequest> GoldenRequests(ApiKey key) {
  std::vector<GoldenRequest> rows;
  ReadRows("golden_requests.txt", key, rows);
  ReadRows("group_requests.txt", key, rows);
  ReadRows("admin_requests.txt", key, rows);
  ReadRows("topic_requests.txt", key, rows);
  return rows;
}

void ExpectAnswers(const ApiRange& api, const Answer& answer) {
  std::vector<GoldenRequest> rows;
  ReadRows("group_answers.txt", api.key, rows);
  ReadRows("admin_answers.txt", api.key, rows);
  ReadRows("topic_answers.txt", api.key, rows);
  EXPECT_EQ(rows.size(), static_cast<std::size_t>(api.max - api.min + 1));
  for (const auto& row : rows) {
    const RequestHeader request{
        .key = static_cast<std::int16_t>(api.key), .version = row.version, .correlation_id = 7};
    const std::string head(api.IsFlexible(row.version) ? std::string("\0\0\0\7\0", 5)
                                                       : std::string("\0\0\0\7", 4));
    EXPECT_EQ(HexEncode(answer(request)), HexEncode(head + row.frame)) << "version " << row.version;
  }
}

std::string Packed(std::string hex) {
  std::erase(hex, ' ');
  return hex;
}

namespace {

// "none" where the frame does not decode.
std::string MeaningOf(std::string_view frame, const Meaning& meaning) {
  const auto header = DecodeHeader(frame);
  return header ? meaning(*header).value_or("none") : "none";
}

}  // namespace

void ExpectMeanings(const ApiRange& api, const Meaning& meaning,
                    const std::set<std::int16_t>& unseen) {
  const auto rows = GoldenRequests(api.key);
  for (const auto& row : rows) {
    const auto header = DecodeHeader(row.frame);
    ASSERT_TRUE(header.has_value()) << row.client;
    EXPECT_EQ(header->key, static_cast<std::int16_t>(api.key)) << row.client;
    EXPECT_EQ(header->version, row.version) << row.client;
    EXPECT_EQ(MeaningOf(row.frame, meaning), row.meaning) << row.client;
  }
  for (std::int16_t version = api.served_from; version <= api.max; ++version) {
    const bool is_seen =
        std::ranges::any_of(rows, [&](const auto& row) { return row.version == version; });
    EXPECT_NE(is_seen, unseen.contains(version)) << "version " << version;
  }
}

void ExpectDamageIsHarmless(ApiKey key, const Meaning& meaning) {
  const auto rows = GoldenRequests(key);
  EXPECT_FALSE(rows.empty());
  for (const auto& row : rows) {
    for (std::size_t n = 0; n < row.frame.size(); ++n) {
      EXPECT_EQ(MeaningOf(row.frame.substr(0, n), meaning), "none")
          << row.client << " truncated at " << n;
    }
    for (std::size_t n = 4; n < row.frame.size(); ++n) {  // key and version stay
      for (const int flip : {0x01, 0x55, 0x80, 0xFF}) {
        std::string damaged = row.frame;
        damaged[n] = static_cast<char>(damaged[n] ^ flip);
        EXPECT_LT(MeaningOf(damaged, meaning).size(), 10'000U) << "nothing is made up";
      }
    }
  }
}

}  // namespace st::kafka::testing
